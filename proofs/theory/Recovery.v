(** Goals that stay in reach, and how that is refuted. Rules "way_down" and "trap". *)

Require Import List ZArith Lia Wellfounded Relation_Operators Arith.
From Quiesce Require Import Transitions Ranks.

(** From every reachable state some run leads to a state where the goal holds. *)
Definition recoverable (M : machine) (goal : state M -> bool) : Prop :=
  forall s : state M, reachable s -> exists t, leads s t /\ goal t = true.

(** Rule "way_down". The locations of a machine are settled in an order. From each state of a location where the goal
    does not hold, some action can happen, with some arguments, that leads to the goal, to a location settled before, or
    to a lower rank within the location. Each location has a rank of its own, of a length of its own.

    That the parts of a rank are never negative is a premise, and has to be shown: a declared range does it if that
    range is an invariant. The action has to be possible in the machine at hand. A condition that is shown only where a
    family has a member proves the promise for families with a member. *)
Section WayDown.

Variable M : machine.
Variable known : state M -> Prop.
Hypothesis known_right : forall s : state M, reachable s -> known s.
Variable goal : state M -> bool.

Variable location : Type.
Variable at_location : state M -> location.
Variable position : location -> nat.  (* in the order in which locations are settled *)
Hypothesis apart : forall l m, position l = position m -> l = m.
Variable rank : location -> state M -> list Z.
Variable parts : location -> nat.
Hypothesis rank_parts : forall l s, length (rank l s) = parts l.
Hypothesis rank_natural : forall l s, known s -> natural (rank l s).

Definition closer (s t : state M) : Prop :=
  goal t = true \/
  position (at_location t) < position (at_location s) \/
  (at_location t = at_location s /\ lower (rank (at_location s) t) (rank (at_location s) s)).

Theorem way_down :
  (forall s, known s -> goal s = false -> exists a x, guard a x s /\ closer s (effect a x s)) ->
  recoverable M goal.
Proof.
  intros H.
  assert (P : forall n s, position (at_location s) = n -> reachable s -> exists t, leads s t /\ goal t = true).
  { induction n as [n Hn] using lt_wf_ind. intros s Ps.
    remember (at_location s) as l eqn:El. remember (rank l s) as r eqn:Er.
    revert s Ps El Er. induction r as [r Hr] using (well_founded_induction (ranks_end (parts l))).
    intros s Ps El Er R. destruct (goal s) eqn:G; [exists s; split; auto; constructor|].
    destruct (H s (known_right s R) G) as (a & x & Ga & C).
    assert (St : steps_to s (effect a x s)) by (exists a, x; auto).
    assert (Rt : reachable (effect a x s)) by (apply reachable_step; auto).
    destruct C as [C|[C|[C C']]].
    - exists (effect a x s). split; auto. eapply leads_on; eauto. constructor.
    - rewrite <- El, Ps in C. destruct (Hn _ C _ eq_refl Rt) as (t & L & Gt).
      exists t. split; auto. eapply leads_on; eauto.
    - rewrite <- El in C, C'.
      destruct (Hr (rank l (effect a x s))) with (s := effect a x s) as (t & L & Gt); auto.
      + subst r. repeat split; auto.
      + exists t. split; auto. eapply leads_on; eauto. }
  intros s R. eapply P; eauto.
Qed.

End WayDown.

(** Ways down that need new members. The families of a machine have the same members during a whole run, so there is one
    machine for each choice of families; the program does what each of them does, in states that are alike. It can always
    make one more member, and so comes to a state that is like one of a machine with more members, where one was never
    used. The condition is shown of such roomy states alone. The new member must not raise the rank: otherwise each of
    them could make up for what the step before has lowered. *)
Section WayDownWithNewcomers.

Variable program : machine.
Variable choice : Type.
Variable over : choice -> machine.
Variable alike : forall k, state (over k) -> state program -> Prop.
Hypothesis alike_steps : forall k s t a x, alike k s t -> guard (m := over k) a x s ->
  exists u, steps_to t u /\ alike k (effect a x s) u.
Hypothesis alike_reached : forall t : state program, reachable t ->
  exists k (s : state (over k)), reachable s /\ alike k s t.

Variable known : forall k, state (over k) -> Prop.
Hypothesis known_right : forall k (s : state (over k)), reachable s -> known k s.
Variable goal : forall k, state (over k) -> bool.
Variable goal_of_program : state program -> bool.
Hypothesis goal_seen : forall k s t, alike k s t -> goal k s = true -> goal_of_program t = true.

Variable position : forall k, state (over k) -> nat.  (* of the location, in the order in which they are settled *)
Variable rank : nat -> forall k, state (over k) -> list Z.
Variable parts : nat -> nat.
Hypothesis rank_parts : forall p k s, length (rank p k s) = parts p.
Hypothesis rank_natural : forall p k s, known k s -> natural (rank p k s).

Variable roomy : forall k, state (over k) -> Prop.
Hypothesis newcomers : forall k (s : state (over k)) t, reachable s -> alike k s t ->
  exists k' (s' : state (over k')), reachable s' /\ alike k' s' t /\ roomy k' s' /\
    (goal k' s' = true \/
      (position k' s' = position k s /\ rank (position k s) k' s' = rank (position k s) k s)).

Definition brings_closer (k : choice) (s t : state (over k)) : Prop :=
  goal k t = true \/
  position k t < position k s \/
  (position k t = position k s /\ lower (rank (position k s) k t) (rank (position k s) k s)).

Theorem way_down_with_newcomers :
  (forall k s, known k s -> roomy k s -> goal k s = false ->
    exists a x, guard (m := over k) a x s /\ brings_closer k s (effect a x s)) ->
  recoverable program goal_of_program.
Proof.
  intros H.
  assert (P : forall n r k (s : state (over k)) t, position k s = n -> rank n k s = r -> reachable s -> alike k s t ->
    exists u, leads t u /\ goal_of_program u = true).
  { induction n as [n Hn] using lt_wf_ind.
    induction r as [r Hr] using (well_founded_induction (ranks_end (parts n))).
    intros k0 s0 t P0 R0 Reach0 A0.
    destruct (newcomers k0 s0 t Reach0 A0) as (k & s & Reach & A & Room & [G|[Ps Rs]]).
    { exists t. split; [constructor|]. eapply goal_seen; eauto. }
    rewrite P0 in Ps, Rs. rewrite R0 in Rs.
    destruct (goal k s) eqn:G.
    { exists t. split; [constructor|]. eapply goal_seen; eauto. }
    destruct (H k s (known_right k s Reach) Room G) as (a & x & Ga & C).
    destruct (alike_steps k s t a x A Ga) as (t1 & St & A1).
    assert (Reach1 : reachable (effect a x s)) by (apply reachable_step; auto).
    assert (D : exists u, leads t1 u /\ goal_of_program u = true).
    { destruct C as [C|[C|[C C']]].
      - exists t1. split; [constructor|]. eapply goal_seen; eauto.
      - rewrite Ps in C. eapply (Hn _ C); eauto.
      - rewrite Ps in C, C'. apply (Hr (rank n k (effect a x s))) with (k := k) (s := effect a x s); auto.
        rewrite <- Rs. repeat split; auto. }
    destruct D as (u & L & Gu). exists u. split; auto. eapply leads_on; eauto. }
  intros t R. destruct (alike_reached t R) as (k & s & Rs & A). eapply P; eauto.
Qed.

End WayDownWithNewcomers.

(** Rule "trap". A set of states that a run enters, that no step leaves and that lacks the goal refutes that the goal
    stays in reach. The set may be described by facts about certain members or values, [who], that stay the same. What
    is known of reachable states may be used; for a promise that is to fail without assumptions, nothing is known. *)
Section Trap.

Variable M : machine.
Variable moves : action M -> bool.
Hypothesis still : forall a x s, moves a = false -> effect a x s = s.
Variable known : state M -> Prop.
Hypothesis known_right : forall s : state M, reachable s -> known s.
Variable goal : state M -> bool.
Variable who : Type.
Variable facts : who -> state M -> Prop.

Theorem trap :
  forall w s, reachable s -> facts w s ->
  (forall v a x t, moves a = true -> known t -> facts v t -> guard a x t -> facts v (effect a x t)) ->
  (forall v t, known t -> facts v t -> goal t = false) ->
  ~ recoverable M goal.
Proof.
  intros w s R F K A Rec. destruct (Rec s R) as (t & L & G).
  assert (B : facts w t /\ reachable t).
  { clear G. induction L as [s|s t u (a & x & Ga & ->) _ IH]; auto. apply IH.
    - apply reachable_step; auto.
    - destruct (moves a) eqn:Ma; [apply K; auto|rewrite still; auto]. }
  destruct B as [Ft Rt]. rewrite (A w t) in G; auto. discriminate.
Qed.

(** The set and the run into it, as a whole: the run was replayed. *)
Theorem trap_by_run :
  forall can_happen same starts,
  (forall a x s, can_happen a x s = true <-> guard (m := M) a x s) ->
  (forall s t, same s t = true <-> s = t) ->
  (forall s, starts s = true <-> initial M s) ->
  forall s0 moves_of_run, replays M can_happen same starts s0 moves_of_run = true ->
  forall w, facts w (end_of M s0 moves_of_run) ->
  (forall v a x t, moves a = true -> known t -> facts v t -> guard a x t -> facts v (effect a x t)) ->
  (forall v t, known t -> facts v t -> goal t = false) ->
  ~ recoverable M goal.
Proof.
  intros can same starts C S I s0 run R w F. apply (trap w (end_of M s0 run)); auto.
  eapply replayed_run_reaches; eauto.
Qed.

End Trap.
