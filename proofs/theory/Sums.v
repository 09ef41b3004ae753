(** Sums and counts over the members of a family, of which there may be any number, and none. Rule "totals".

    A family is a list in which no member stands twice. A total is the sum of a term over the members; a count is the
    sum of 1 where its condition holds and of 0 elsewhere. Each theorem is one of the facts that a solver is given of
    the totals of a query. No other property of a sum is used, so what follows from these facts holds of every finite
    family. *)

Require Import List ZArith Lia Permutation.
Import ListNotations.
Local Open Scope Z_scope.

Section Totals.

Variable member : Type.

Fixpoint total (term : member -> Z) (family : list member) : Z :=
  match family with [] => 0 | m :: rest => term m + total term rest end.

Lemma total_same : forall t u family, (forall m, In m family -> t m = u m) -> total t family = total u family.
Proof.
  induction family as [|m l IH]; intros H; cbn; auto. rewrite H by (left; auto).
  rewrite IH; auto. intros k I. apply H. right. auto.
Qed.

Lemma total_append : forall t k l, total t (k ++ l) = total t k + total t l.
Proof. induction k as [|m k IH]; intros l; cbn; auto. rewrite IH. lia. Qed.

Lemma total_order : forall t k l, Permutation k l -> total t k = total t l.
Proof. induction 1; cbn; lia. Qed.

(** *** Nothing: a total of zeros is zero, and so is one over no member at all. *)

Theorem total_of_none : forall t, total t [] = 0.
Proof. reflexivity. Qed.

Theorem total_of_zeros : forall t family, (forall m, In m family -> t m = 0) -> total t family = 0.
Proof.
  induction family as [|m l IH]; intros H; cbn; auto.
  rewrite H by (left; auto). rewrite IH; auto. intros k I. apply H. right. auto.
Qed.

(** *** Splitting: if the term asks whether the member is [p], which is one of the family, then [p] contributes what the
    term says of [p], and the others what it says of others. *)

Variable same : forall m n : member, {m = n} + {m <> n}.

Definition is (m p : member) : bool := if same m p then true else false.

Theorem splitting : forall (term : member -> bool -> Z) p family, NoDup family -> In p family ->
  total (fun m => term m (is m p)) family = total (fun m => term m false) family + (term p true - term p false).
Proof.
  intros t p family N I. induction N as [|m l Nm N IH]; [destruct I|]. cbn [total]. destruct I as [->|I].
  - assert (is p p = true) as -> by (unfold is; destruct (same p p); congruence).
    rewrite (total_same (fun m => t m (is m p)) (fun m => t m false)); [lia|].
    intros k K. unfold is. destruct (same k p); congruence.
  - rewrite IH by auto. unfold is. destruct (same m p) as [->|]; [contradiction|lia].
Qed.

(** *** Sign: of a term that is nowhere negative. *)

Theorem never_below_zero : forall t family, (forall m, In m family -> 0 <= t m) -> 0 <= total t family.
Proof.
  induction family as [|m l IH]; intros H; cbn; [lia|].
  assert (0 <= t m) by (apply H; left; auto).
  assert (0 <= total t l) by (apply IH; intros k I; apply H; right; auto). lia.
Qed.

Theorem at_least_each : forall t family, (forall m, In m family -> 0 <= t m) ->
  forall m, In m family -> t m <= total t family.
Proof.
  intros t family H m I. apply in_split in I as (k & l & ->). rewrite total_append. cbn.
  assert (0 <= total t k) by (apply never_below_zero; intros j J; apply H, in_or_app; auto).
  assert (0 <= total t l) by (apply never_below_zero; intros j J; apply H, in_or_app; right; right; auto). lia.
Qed.

Theorem at_least_both : forall t family, (forall m, In m family -> 0 <= t m) ->
  forall m n, In m family -> In n family -> m <> n -> t m + t n <= total t family.
Proof.
  intros t family H m n I J D. apply in_split in I as (k & l & ->).
  assert (In n (k ++ l)) as J'
    by (apply in_app_or in J as [J|[J|J]]; [apply in_or_app; auto|congruence|apply in_or_app; auto]).
  assert (t n <= total t (k ++ l)).
  { apply at_least_each; auto. intros j Hj. apply H. apply in_app_or in Hj as [Hj|Hj]; apply in_or_app; cbn; auto. }
  rewrite total_append in *. cbn. lia.
Qed.

Theorem positive_somewhere : forall t family, 0 < total t family -> exists m, In m family /\ 0 < t m.
Proof.
  induction family as [|m l IH]; cbn; intros H; [lia|]. destruct (Z.lt_ge_cases 0 (t m)) as [L|L].
  - exists m. auto.
  - destruct IH as (n & I & P); [lia|]. exists n. auto.
Qed.

(** *** Addition: if one term is the sum of two others at every member, so is its total the sum of theirs. *)

Theorem addition : forall t u v family, (forall m, In m family -> t m = u m + v m) ->
  total t family = total u family + total v family.
Proof.
  induction family as [|m l IH]; intros H; cbn; auto. rewrite H by (left; auto).
  rewrite IH; [lia|]. intros k I. apply H. right. auto.
Qed.

(** *** Comparison: if one term is at most another at every member, so are the totals; strictly, if it is less at some
    member. Both totals are over one and the same family. *)

Theorem comparison : forall t u family, (forall m, In m family -> t m <= u m) -> total t family <= total u family.
Proof.
  induction family as [|m l IH]; intros H; cbn; [lia|].
  assert (t m <= u m) by (apply H; left; auto).
  assert (total t l <= total u l) by (apply IH; intros k I; apply H; right; auto). lia.
Qed.

Theorem strict_comparison : forall t u family, (forall m, In m family -> t m <= u m) ->
  (exists m, In m family /\ t m < u m) -> total t family < total u family.
Proof.
  intros t u family H (m & I & L). apply in_split in I as (k & l & ->). rewrite !total_append. cbn.
  assert (total t k <= total u k) by (apply comparison; intros j J; apply H, in_or_app; auto).
  assert (total t l <= total u l) by (apply comparison; intros j J; apply H, in_or_app; right; right; auto). lia.
Qed.

(** *** Rule "totals": all of it at once. *)

Theorem totals : forall family : list member, NoDup family ->
  (forall term p, In p family ->
    total (fun m => term m (is m p)) family = total (fun m => term m false) family + (term p true - term p false)) /\
  (forall t, (forall m, In m family -> t m = 0) -> total t family = 0) /\
  (forall t, (forall m, In m family -> 0 <= t m) ->
    0 <= total t family /\
    (forall m, In m family -> t m <= total t family) /\
    (forall m n, In m family -> In n family -> m = n \/ t m + t n <= total t family) /\
    (0 < total t family -> exists m, In m family /\ 0 < t m)) /\
  (forall t u v, (forall m, In m family -> t m = u m + v m) -> total t family = total u family + total v family) /\
  (forall t u, (forall m, In m family -> t m <= u m) ->
    total t family <= total u family /\
    ((exists m, In m family /\ t m < u m) -> total t family < total u family)).
Proof.
  intros family N. repeat split; intros.
  - apply splitting; auto.
  - apply total_of_zeros; auto.
  - apply never_below_zero; auto.
  - apply at_least_each; auto.
  - destruct (same m n); auto. right. apply at_least_both; auto.
  - apply positive_somewhere; auto.
  - apply addition; auto.
  - apply comparison; auto.
  - apply strict_comparison; auto.
Qed.

(** A total in the state after a step is one of the term after it; the family is the same. *)

End Totals.

Arguments total {member} term family.
