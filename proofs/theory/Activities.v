(** Activities: real work that is due in some states, and what ends it. Rules "lands", "stays due" and "answered".

    The claim [due] below is that an activity is due, of one member if it belongs to members, or that the machine is in
    a place where a caller waits for his answer. An [ender] is an occurrence that may end this: an outcome of the
    activity, of this member; or an action that answers the caller. *)

Require Import List Arith Lia Bool.
From Quiesce Require Import Transitions Waiting Calls.

(** Rule "lands": where an activity is due, each answer of the work has exactly one outcome. So it is of a call: what
    the work returns stands for the arguments, and that the activity is due for a part of what is known. *)
Section Lands.

Variable M : machine.
Variable known : state M -> Prop.
Hypothesis known_right : forall s, reachable s -> known s.
Variable outcome : Type.
Variable outcomes : list outcome.
Variable answers : Type.
Variable typed : answers -> Prop.
Variable applies : answers -> state M -> outcome -> bool.
Variable due : state M -> Prop.

Theorem lands :
  (forall x s, known s -> typed x -> due s ->
    covered outcome (applies x s) outcomes /\ exclusive outcome (applies x s) outcomes) ->
  forall x s, reachable s -> typed x -> due s ->
  exists! i, exists o, nth_error outcomes i = Some o /\ applies x s o = true.
Proof.
  intros H x s R T D. destruct (H x s (known_right s R) T D) as [C X].
  apply exactly_one_outcome; auto.
Qed.

End Lands.

Section Ends.

Variable M : machine.
Variable known : state M -> Prop.
Hypothesis known_right : forall s, reachable s -> known s.
Variable due : state M -> Prop.
Variable ender : occurrence M -> bool.

(** Each step that is no ender keeps the claim. *)
Hypothesis kept : forall s a x, known s -> due s -> guard a x s ->
  ender (existT _ a x) = false -> due (effect a x s).

Definition ends_here (r : run M) (n : nat) : bool :=
  match happens M r n with Some o => ender o | None => false end.

Lemma one_step : forall r n, due (states M r n) -> ends_here r n = false -> due (states M r (S n)).
Proof.
  intros r n D E. pose proof (run_goes_on M r n) as G. unfold ends_here in E.
  destruct (happens M r n) as [[a x]|].
  - destruct G as [G ->]. apply kept; auto. apply known_right, run_reachable.
  - rewrite G. auto.
Qed.

(** Rule "stays due": as long as no ender happens, the claim lasts. *)
Theorem lasts_until_ended : forall r n m, n <= m -> due (states M r n) ->
  (forall j, n <= j < m -> ends_here r j = false) -> due (states M r m).
Proof.
  intros r n m L D. induction L as [|m L IH]; intros E; auto.
  apply one_step; [apply IH|]; intros; apply E; lia.
Qed.

(** Up to any moment, an ender has happened, or the claim has lasted. *)
Lemma ended_or_lasts : forall r n d, due (states M r n) ->
  (exists j, n <= j < n + d /\ ends_here r j = true) \/ due (states M r (n + d)).
Proof.
  intros r n d D. induction d as [|d [(j & L & E)|IH]].
  - rewrite Nat.add_0_r. auto.
  - left. exists j. split; auto. lia.
  - destruct (ends_here r (n + d)) eqn:E.
    + left. exists (n + d). split; auto. lia.
    + right. rewrite Nat.add_succ_r. apply one_step; auto.
Qed.

(** Rule "answered", by places: if the claim does not last for ever, then some ender happens. *)
Theorem ends_by_an_ender : forall r n, due (states M r n) ->
  (exists m, n <= m /\ ~ due (states M r m)) -> exists j, n <= j /\ ends_here r j = true.
Proof.
  intros r n D (m & L & N). destruct (ended_or_lasts r n (m - n) D) as [(j & Lj & E)|H].
  - exists j. split; auto. lia.
  - replace (n + (m - n)) with m in H by lia. tauto.
Qed.

(** That activities end: again and again, an outcome of the activity happens, or it is not due. *)
Definition work_ends (r : run M) : Prop :=
  forall n, exists m, n <= m /\ (ends_here r m = true \/ ~ due (states M r m)).

(** Rule "answered", by an activity: if its work ends, then each time when it is due one of its outcomes happens. *)
Theorem answered_by_activity : forall r, work_ends r ->
  forall n, due (states M r n) -> exists j, n <= j /\ ends_here r j = true.
Proof.
  intros r W n D. destruct (W n) as (m & L & [E|N]); eauto. apply ends_by_an_ender; eauto.
Qed.

End Ends.
