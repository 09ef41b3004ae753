(** Promises about steps: claims about the state before a step and the state behind it.

    Rules "step_promise", "stutter" and "step_frame". *)

Require Import Bool.
From Quiesce Require Import Transitions Frame Induction.

Section StepPromises.

Variable M : machine.
Variable moves : action M -> bool.
Hypothesis still : forall a x s, moves a = false -> effect a x s = s.

(** What is known of each reachable state, by the theorems of [Induction]. *)
Variable known : state M -> Prop.
Hypothesis known_right : forall s, reachable s -> known s.

(** The promise may speak of the arguments of the actions that it is about. It is not about those that it leaves out. *)
Variable about : action M -> bool.
Variable promise : forall a : action M, argument M a -> state M -> state M -> Prop.

Definition every_step_keeps : Prop :=
  forall s a x, reachable s -> guard a x s -> about a = true -> promise a x s (effect a x s).

(** Rule "stutter": a refusal or a wait changes nothing, so it is enough that the promise holds of a step from a state
    to itself. *)
Theorem stutter :
  (forall a x s, about a = true -> moves a = false -> known s -> promise a x s s) ->
  forall s a x, reachable s -> guard a x s -> about a = true -> moves a = false -> promise a x s (effect a x s).
Proof. intros H s a x R G A Ma. rewrite still; auto. Qed.

(** Rule "step_promise": each action is shown to keep the promise, those that change nothing by their stutter step. *)
Theorem step_promise :
  (forall a x s, about a = true -> moves a = true -> known s -> guard a x s -> promise a x s (effect a x s)) ->
  (forall a x s, about a = true -> moves a = false -> known s -> promise a x s s) ->
  every_step_keeps.
Proof.
  intros H S s a x R G A. destruct (moves a) eqn:Ma; auto. apply stutter; auto.
Qed.

End StepPromises.

(** The same over states that are stores, where an action may be answered for by the stutter step: it is enough that the
    promise, of a step from any known state to itself, holds. *)
Section ByFrame.

Variable place : Type.
Variable value : place -> Type.
Variable action : Type.
Variable argument : action -> Type.
Variable initial : store place value -> Prop.
Variable guard : forall a, argument a -> store place value -> Prop.
Variable effect : forall a, argument a -> store place value -> store place value.

Let M := Machine (store place value) action argument initial guard effect.

Variable moves : action -> bool.
Hypothesis still : forall a x s, moves a = false -> effect a x s = s.
Variable writes : action -> place -> Prop.
Hypothesis writes_right : forall a x, changes_only (writes a) (effect a x).
Variable known : store place value -> Prop.
Hypothesis known_right : forall s, reachable (M := M) s -> known s.
Variable about : action -> bool.
Variable promise : forall a, argument a -> store place value -> store place value -> bool.
Variable reads : place -> Prop.
Hypothesis reads_right : forall a x old, depends_on reads (promise a x old).

Theorem step_promise_by_frame :
  forall framed : action -> bool,
  (forall a, framed a = true -> disjoint reads (writes a)) ->
  (forall a x s, about a = true -> framed a = false -> moves a = true -> known s -> guard a x s ->
    promise a x s (effect a x s) = true) ->
  (forall a x s, about a = true -> framed a = true \/ moves a = false -> known s -> promise a x s s = true) ->
  forall s a x, reachable (M := M) s -> guard a x s -> about a = true -> promise a x s (effect a x s) = true.
Proof.
  intros framed F H S s a x R G A.
  destruct (framed a) eqn:Fa.
  - rewrite (as_good_as_stutter _ _ reads (writes a)); auto.
  - destruct (moves a) eqn:Ma; auto. rewrite still; auto.
Qed.

End ByFrame.

(** A promise about steps, too, may be shown of an action by looking at several steps before it. Of those only what is
    known of reachable states is taken as given, and not the promise itself. *)
Section LookingBack.

Variable M : machine.
Variable moves : action M -> bool.
Hypothesis still : forall a x s, moves a = false -> effect a x s = s.
Variable name : Type.
Variable claim : name -> state M -> Prop.
Hypothesis initially : forall i s, initial M s -> claim i s.
Variable depth : name -> action M -> nat.
Hypothesis short : forall i a, moves a = true -> short_runs_keep M moves name claim (depth i a) i a.
Hypothesis long : forall i a, moves a = true -> long_runs_keep M moves name claim (depth i a) i a.
Variable promise : forall a : action M, argument M a -> state M -> state M -> Prop.

Theorem step_promise_looking_back : forall (a : action M) (back : nat),
  (forall n s t x, n < back -> initial M s -> walk M moves name claim n s t -> guard a x t ->
    promise a x t (effect a x t)) ->
  (forall s t x, walk M moves name claim back s t -> guard a x t -> promise a x t (effect a x t)) ->
  forall s x, reachable s -> guard a x s -> promise a x s (effect a x s).
Proof.
  intros a back B L s x R G.
  destruct (walk_from_start M moves still name claim initially depth short long s R) as (s0 & n & I & W).
  destruct (Compare_dec.le_lt_dec back n) as [H|H].
  - destruct (walk_last M moves name claim _ _ _ W _ H) as [u U]. eauto.
  - eauto.
Qed.

End LookingBack.
