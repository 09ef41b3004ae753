(** Calls and their outcomes. Rules "covered", "exclusive", "answered" and "enabled".

    A call has a list of outcomes, each of which applies in some states and with some arguments. *)

Require Import List Bool Arith Lia.
From Quiesce Require Import Transitions.
Import ListNotations.

Section Outcomes.

Variable outcome : Type.
Variable applies : outcome -> bool.  (* in one state, with the arguments of one call *)

(** Some outcome applies. *)
Definition covered (outcomes : list outcome) : Prop := existsb applies outcomes = true.

(** No two of them apply: it is asked of each pair, in the order in which they are listed. *)
Definition exclusive (outcomes : list outcome) : Prop :=
  forall i j a b, i < j -> nth_error outcomes i = Some a -> nth_error outcomes j = Some b ->
  applies a && applies b = false.

(** Rule "covered": then some outcome is given. *)
Theorem covered_gives_one : forall outcomes, covered outcomes ->
  exists i a, nth_error outcomes i = Some a /\ applies a = true.
Proof.
  intros l H. apply existsb_exists in H as (a & I & A).
  apply In_nth_error in I as [i I]. eauto.
Qed.

(** Rule "exclusive": no two different outcomes are given. *)
Theorem exclusive_gives_at_most_one : forall outcomes, exclusive outcomes ->
  forall i j a b, nth_error outcomes i = Some a -> nth_error outcomes j = Some b ->
  applies a = true -> applies b = true -> i = j.
Proof.
  intros l X i j a b I J A B. destruct (lt_eq_lt_dec i j) as [[L|E]|L]; auto; exfalso.
  - specialize (X _ _ _ _ L I J). rewrite A, B in X. discriminate.
  - specialize (X _ _ _ _ L J I). rewrite A, B in X. discriminate.
Qed.

(** Together they give exactly one outcome. *)
Theorem exactly_one_outcome : forall outcomes, covered outcomes -> exclusive outcomes ->
  exists! i, exists a, nth_error outcomes i = Some a /\ applies a = true.
Proof.
  intros l C X. destruct (covered_gives_one l C) as (i & a & I & A). exists i. split; eauto.
  intros j (b & J & B). eapply exclusive_gives_at_most_one; eauto.
Qed.

(** Rule "answered": if one of the outcomes with the promised answer applies, and outcomes exclude each other, then
    whatever outcome is given has that answer. *)
Theorem answered : forall (promised : outcome -> bool) outcomes,
  exclusive outcomes ->
  covered (filter promised outcomes) ->
  forall i a, nth_error outcomes i = Some a -> applies a = true -> promised a = true.
Proof.
  intros p l X C i a I A. apply existsb_exists in C as (b & B & Ab).
  apply filter_In in B as [B Pb]. apply In_nth_error in B as [j J].
  assert (i = j) as -> by (eapply exclusive_gives_at_most_one; eauto).
  congruence.
Qed.

End Outcomes.

(** The same of a machine: wherever the promise's claim holds of a reachable state and of arguments, every outcome that
    is given to the call has the promised answer, and one is given. What is assumed of callers is no part of where an
    outcome applies: no code checks it. *)
Section Answers.

Variable M : machine.
Variable known : state M -> Prop.
Hypothesis known_right : forall s, reachable s -> known s.
Variable outcome : Type.
Variable outcomes : list outcome.
Variable arguments : Type.  (* of the call: those that any of its outcomes looks at *)
Variable legal : arguments -> state M -> Prop.  (* they are of their types, and new members were never used *)
Variable applies : arguments -> state M -> outcome -> bool.
Variable promised : outcome -> bool.
Variable claim : arguments -> state M -> Prop.

Theorem call_is_answered :
  (forall x s, known s -> legal x s -> exclusive outcome (applies x s) outcomes) ->
  (forall x s, known s -> legal x s -> claim x s -> covered outcome (applies x s) (filter promised outcomes)) ->
  forall x s, reachable s -> legal x s -> claim x s ->
  (exists o, In o outcomes /\ applies x s o = true) /\
  (forall o, In o outcomes -> applies x s o = true -> promised o = true).
Proof.
  intros X C x s R L H. specialize (C x s (known_right s R) L H). split.
  - apply existsb_exists in C as (o & I & A). apply filter_In in I as [I _]. eauto.
  - intros o I A. apply In_nth_error in I as [i I]. eapply answered; eauto.
Qed.

End Answers.

(** Rule "enabled": what is promised to be possible can happen with any arguments for which the claim holds, as far as
    these are of their types, and the action's assumptions hold: those are a part of its guard that is trusted. *)
Section Possible.

Variable M : machine.
Variable known : state M -> Prop.
Hypothesis known_right : forall s, reachable s -> known s.
Variable a : action M.
Variable legal assumed when : argument M a -> state M -> Prop.
Hypothesis guard_is : forall x s, legal x s -> when x s -> assumed x s -> guard a x s.
Variable claim : argument M a -> state M -> Prop.

Theorem possible_where_promised :
  (forall x s, known s -> legal x s -> claim x s -> when x s) ->
  forall x s, reachable s -> legal x s -> assumed x s -> claim x s ->
  guard a x s /\ reachable (effect a x s).
Proof.
  intros H x s R L As C. assert (G : guard a x s) by auto. split; auto. apply reachable_step; auto.
Qed.

End Possible.
