(** Ranks: lists of integers that are never negative, compared one after the other, the most significant first. *)

Require Import List ZArith Lia Wellfounded.
Import ListNotations.
Local Open Scope Z_scope.

(** The rank [now] is lower than the rank [before]. *)
Fixpoint lower (now before : list Z) : Prop :=
  match now, before with
  | n :: ns, b :: bs => n < b \/ (n = b /\ lower ns bs)
  | _, _ => False
  end.

(** It is lower or the same. *)
Fixpoint not_higher (now before : list Z) : Prop :=
  match now, before with
  | n :: ns, b :: bs => n < b \/ (n = b /\ not_higher ns bs)
  | [], [] => True
  | _, _ => False
  end.

Definition natural (rank : list Z) : Prop := Forall (fun n => 0 <= n) rank.

Lemma not_higher_refl : forall r, not_higher r r.
Proof. induction r; cbn; auto. Qed.

Lemma not_higher_trans : forall a b c, not_higher a b -> not_higher b c -> not_higher a c.
Proof.
  induction a as [|n a IH]; intros [|m b] [|k c]; cbn; try tauto.
  intros [H|[H H']] [J|[J J']]; try (left; lia). right. split; [lia|eauto].
Qed.

Lemma lower_trans : forall a b c, lower a b -> not_higher b c -> lower a c.
Proof.
  induction a as [|n a IH]; intros [|m b] [|k c]; cbn; try tauto.
  intros [H|[H H']] [J|[J J']]; try (left; lia). right. split; [lia|eauto].
Qed.

Lemma lower_length : forall a b, lower a b -> length a = length b -> length b <> O.
Proof. intros [|n a] [|m b]; cbn; intuition congruence. Qed.

(** Ranks of one length whose parts are never negative cannot fall for ever. *)
Definition falls (k : nat) (a b : list Z) : Prop :=
  length a = k /\ length b = k /\ natural a /\ natural b /\ lower a b.

Theorem ranks_end : forall k, well_founded (falls k).
Proof.
  induction k as [|k IH].
  - intros b. constructor. intros a (La & Lb & _ & _ & H). destruct a; [destruct H|discriminate].
  - assert (T : forall (m : nat) (n : Z) (ns : list Z), n <= Z.of_nat m -> Acc (falls (S k)) (n :: ns)).
    { induction m as [|m Hm]; intros n ns L;
        revert n L; induction ns as [ns Hns] using (well_founded_induction IH); intros n L;
        constructor; intros [|p ps] (Lp & Ln & Np & Nn & H); try discriminate;
        cbn in H; inversion Np; inversion Nn; subst; destruct H as [H|[-> H]].
      - lia.
      - apply Hns; auto. repeat split; cbn in *; auto.
      - apply Hm. lia.
      - apply Hns; auto. repeat split; cbn in *; auto. }
    intros [|n ns].
    + constructor. intros a (_ & L & _). discriminate.
    + apply (T (Z.to_nat n)). lia.
Qed.
