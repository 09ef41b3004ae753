(** Machines, their runs, and what a run shows.

    A machine has guarded actions. An action with its arguments can happen where its guard holds, and then does one
    thing, its effect. Nothing is said of states, actions and arguments: they may be of any type, and there may be none.
    The families of a machine have the same members during a whole run. So a spec stands for one machine in the sense of
    this file for each choice of families, and a theorem about all machines is one about families of any size.

    That an argument is of its type, and that a new member was never used, is a part of the guard. *)

Require Import List Bool Arith Lia.
Import ListNotations.

Record machine := Machine {
  state : Type;
  action : Type;
  argument : action -> Type;
  initial : state -> Prop;
  guard : forall a : action, argument a -> state -> Prop;
  effect : forall a : action, argument a -> state -> state
}.

Arguments guard {m} a x s.
Arguments effect {m} a x s.

Section Runs.

Variable M : machine.

(** One step of any action. *)
Definition steps_to (s t : state M) : Prop :=
  exists (a : action M) (x : argument M a), guard a x s /\ t = effect a x s.

(** A run of any length, the empty one included. *)
Inductive leads : state M -> state M -> Prop :=
| leads_here : forall s, leads s s
| leads_on : forall s t u, steps_to s t -> leads t u -> leads s u.

Definition reachable (s : state M) : Prop := exists s0, initial M s0 /\ leads s0 s.

Lemma leads_further : forall s t u, leads s t -> leads t u -> leads s u.
Proof. induction 1; eauto using leads_on. Qed.

Lemma leads_last : forall s t u, leads s t -> steps_to t u -> leads s u.
Proof. intros s t u H Hs. eapply leads_further; eauto using leads_on, leads_here. Qed.

Lemma reachable_start : forall s, initial M s -> reachable s.
Proof. intros s H. exists s. auto using leads_here. Qed.

Lemma reachable_step : forall s a x, reachable s -> guard a x s -> reachable (effect a x s).
Proof.
  intros s a x (s0 & H0 & H) G. exists s0. split; auto.
  eapply leads_last; eauto. exists a, x. auto.
Qed.

Lemma reachable_further : forall s t, reachable s -> leads s t -> reachable t.
Proof. intros s t (s0 & H0 & H) L. exists s0. split; eauto using leads_further. Qed.

(** What holds at the start and is kept by each step holds of everything that is reached. *)
Lemma reachable_ind : forall P : state M -> Prop,
  (forall s, initial M s -> P s) ->
  (forall s a x, reachable s -> P s -> guard a x s -> P (effect a x s)) ->
  forall s, reachable s -> P s.
Proof.
  intros P H0 HS s (s0 & I & L). revert I.
  assert (G : forall s t, leads s t -> reachable s -> P s -> P t).
  { clear s s0 L. induction 1 as [|s t u (a & x & G & ->) _ IH]; intros R Ps; auto.
    apply IH; auto using reachable_step. }
  eauto using reachable_start.
Qed.

End Runs.

Arguments steps_to {M} s t.
Arguments leads {M} s t.
Arguments reachable {M} s.

(** * Rule "run": a run that was replayed is a witness

    A run is a start and a list of moves: an action, its arguments, and the state that the run shows after it. Replaying
    it asks the interpreter, at each move, whether the action can happen and whether the state shown is the one it leads
    to. If all of this is so, the last state is reached, and the last move is a step from a state that is reached. *)

Section Replay.

Variable M : machine.
Variable can_happen : forall a : action M, argument M a -> state M -> bool.
Hypothesis can_happen_right : forall a x s, can_happen a x s = true <-> guard a x s.
Variable same : state M -> state M -> bool.
Hypothesis same_right : forall s t, same s t = true <-> s = t.
Variable starts : state M -> bool.
Hypothesis starts_right : forall s, starts s = true <-> initial M s.

Record move := Move { act : action M; given : argument M act; shown : state M }.

Fixpoint follows (s : state M) (moves : list move) : bool :=
  match moves with
  | [] => true
  | m :: rest =>
      can_happen (act m) (given m) s && same (effect (act m) (given m) s) (shown m) && follows (shown m) rest
  end.

Definition replays (s0 : state M) (moves : list move) : bool := starts s0 && follows s0 moves.

Fixpoint end_of (s : state M) (moves : list move) : state M :=
  match moves with [] => s | m :: rest => end_of (shown m) rest end.

Lemma follows_leads : forall moves s, follows s moves = true -> leads s (end_of s moves).
Proof.
  induction moves as [|m rest IH]; intros s H; [constructor|].
  cbn in H. apply andb_prop in H as [H F]. apply andb_prop in H as [C E].
  apply can_happen_right in C. apply same_right in E.
  apply leads_on with (shown m).
  - exists (act m), (given m). auto.
  - exact (IH _ F).
Qed.

(** The last state of a replayed run is reached: what fails there is no invariant, what holds there can happen. *)
Theorem replayed_run_reaches : forall s0 moves, replays s0 moves = true -> reachable (end_of s0 moves).
Proof.
  intros s0 moves H. apply andb_prop in H as [I F]. exists s0. split.
  - apply starts_right; auto.
  - apply follows_leads; auto.
Qed.

(** A replayed run that breaks a claim about states refutes that it always holds. *)
Theorem replayed_run_refutes : forall (claim : state M -> Prop) s0 moves,
  replays s0 moves = true -> ~ claim (end_of s0 moves) -> ~ (forall s, reachable s -> claim s).
Proof. intros claim s0 moves R B A. apply B, A. apply replayed_run_reaches; auto. Qed.

(** Its last move is a step from a reachable state: if that breaks a claim about steps, the claim is refuted. *)
Theorem replayed_run_refutes_step :
  forall (claim : forall a, argument M a -> state M -> state M -> Prop) s0 moves (m : move),
  replays s0 (moves ++ [m]) = true ->
  ~ claim (act m) (given m) (end_of s0 moves) (shown m) ->
  ~ (forall s a x, reachable s -> guard a x s -> claim a x s (effect a x s)).
Proof.
  intros claim s0 moves m R B A. apply andb_prop in R as [I F].
  assert (H : forall ms s, follows s (ms ++ [m]) = true ->
    follows s ms = true /\ can_happen (act m) (given m) (end_of s ms) = true
    /\ same (effect (act m) (given m) (end_of s ms)) (shown m) = true).
  { induction ms as [|k ms IH]; intros s; cbn [app follows].
    - intros H. apply andb_prop in H as [H _]. apply andb_prop in H as [C E]. auto.
    - intros H. apply andb_prop in H as [C H]. destruct (IH _ H) as (F' & C' & E'). rewrite C, F'. auto. }
  destruct (H _ _ F) as (F' & C & E). apply B. apply same_right in E. rewrite <- E. apply A.
  - apply replayed_run_reaches. unfold replays. rewrite I, F'. reflexivity.
  - apply can_happen_right; auto.
Qed.

End Replay.
