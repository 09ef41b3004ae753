(** One contract for several callers. Rule "offers_shared".

    The counts of a contract can be added up. The machine counts for all callers together; each of them keeps the
    contract for itself. *)

Require Import List Bool Arith Lia.
From Quiesce Require Import Contracts.
Import ListNotations.


Section Shared.

Variable K : contract.
Variable plus : counts K -> counts K -> counts K.
Hypothesis plus_comm : forall a b, plus a b = plus b a.
Hypothesis plus_assoc : forall a b c, plus a (plus b c) = plus (plus a b) c.

(** Nothing is counted at the start: the first premise that the sum of several callers needs. *)
Hypothesis fresh_zero : forall a, plus fresh a = a.

(** The values that the declared types of the counts have: naturals, perhaps up to a bound. A part of what is within the
    bound is within it, too. The contract keeps its own ranges, as it is proved of the contract for itself. *)
Variable natural : counts K -> Prop.
Variable fits : counts K -> Prop.
Hypothesis natural_plus : forall a b, natural a -> natural b -> natural (plus a b).
Hypothesis fits_natural : forall a, fits a -> natural a.
Hypothesis fits_part : forall a b, natural a -> natural b -> fits (plus a b) -> fits a.
Hypothesis fits_fresh : fits fresh.
Hypothesis fits_next : forall c y a, fits a -> assumes c y a -> allows c y a -> fits (next c y a).

(** What has to be shown of each outcome, of one caller's counts and those of all others together: what it is answered
    alone, it is answered in the company of others; and the other way round. *)
Hypothesis in_company : forall c y mine others, fits mine -> fits others -> assumes c y mine -> allows c y mine ->
  assumes c y (plus mine others) /\ allows c y (plus mine others) /\
  next c y (plus mine others) = plus (next c y mine) others.
Hypothesis alone_again : forall c y mine others, fits mine -> fits others ->
  allows c y (plus mine others) -> allows c y mine.

Fixpoint sum (l : list (counts K)) : counts K := match l with [] => fresh | a :: rest => plus a (sum rest) end.

Fixpoint put (i : nat) (v : counts K) (l : list (counts K)) : list (counts K) :=
  match l, i with
  | [], _ => []
  | _ :: rest, O => v :: rest
  | a :: rest, S j => a :: put j v rest
  end.

(** The contract of [n] callers: each call is made by one of them, and is legal, allowed and counted for it alone. *)
Definition each (n : nat) : contract := {|
  counts := list (counts K);
  call := nat * call K;
  answer := answer K;
  fresh := repeat fresh n;
  allows := fun c y ks => exists mine, nth_error ks (fst c) = Some mine /\ allows (snd c) y mine;
  assumes := fun c y ks => exists mine, nth_error ks (fst c) = Some mine /\ assumes (snd c) y mine;
  next := fun c y ks =>
    match nth_error ks (fst c) with Some mine => put (fst c) (next (snd c) y mine) ks | None => ks end
|}.

(** The same provider; it does not look at who calls. Only callers that there are call. *)
Definition for_each (n : nat) (P : provider K) : provider (each n) := {|
  inner := inner P : Type;
  starts := starts P;
  answers := fun p (c : call (each n)) y p' => fst c < n /\ answers P p (snd c) y p';
  turns := turns P;
  goes_wrong := fun p (c : call (each n)) => fst c < n /\ goes_wrong P p (snd c);
  turns_wrong := turns_wrong P
|}.

Lemma sum_natural : forall l, Forall natural l -> natural (sum l).
Proof. induction 1; cbn; auto. Qed.

Lemma sum_fresh : forall n, sum (repeat fresh n) = fresh.
Proof. induction n as [|n IH]; cbn; [|rewrite fresh_zero]; auto. Qed.

Lemma one_and_others : forall i l mine, Forall natural l -> nth_error l i = Some mine ->
  exists others, natural mine /\ natural others /\ sum l = plus mine others /\
  forall v, sum (put i v l) = plus v others /\ (natural v -> Forall natural (put i v l)) /\
    length (put i v l) = length l.
Proof.
  induction i as [|i IH]; intros [|a l] mine F N; try discriminate; inversion F as [|? ? Fa Fl]; subst.
  - cbn in N. injection N as ->. exists (sum l). repeat split; auto using sum_natural. constructor; auto.
  - destruct (IH l mine Fl N) as (o & Fm & Fo & E & H). exists (plus a o). repeat split; auto.
    + cbn. rewrite E, plus_assoc, (plus_comm a), plus_assoc. auto.
    + cbn. destruct (H v) as (-> & _). rewrite !plus_assoc. rewrite (plus_comm a). auto.
    + intros Fv. cbn. constructor; auto. apply H; auto.
    + cbn. f_equal. apply H.
Qed.

(** What one caller may do and is answered, if all callers taken as one have an offer. *)
Lemma one_of_all : forall i c ks mine, Forall natural ks -> fits (sum ks) -> nth_error ks i = Some mine ->
  (forall z, allows c z mine -> assumes c z mine) ->
  legal c (sum ks) /\
  forall y, allows c y (sum ks) -> assumes c y mine /\ allows c y mine /\
    Forall natural (put i (next c y mine) ks) /\ sum (put i (next c y mine) ks) = next c y (sum ks) /\
    length (put i (next c y mine) ks) = length ks.
Proof.
  intros i c ks mine F Fs N Le. destruct (one_and_others i ks mine F N) as (others & Nm & No & E & Pu).
  assert (Fm : fits mine) by (rewrite E in Fs; eauto).
  assert (Fo : fits others) by (rewrite E, plus_comm in Fs; eauto).
  assert (Am : forall z, allows c z (sum ks) -> allows c z mine) by (intros z Al; rewrite E in Al; eauto).
  split.
  - intros z Al. rewrite E. apply in_company; auto.
  - intros y Al. destruct (in_company c y mine others) as (_ & _ & Nx); auto.
    destruct (Pu (next c y mine)) as (Su & Fi & Len). repeat split; auto.
    + apply Fi, fits_natural, fits_next; auto.
    + rewrite Su, E, Nx. auto.
Qed.

Section OneProvider.

Variable n : nat.
Variable P : provider K.
Hypothesis P_offers : offers P.
Hypothesis P_in_range : forall p k, played P p k -> fits k.  (* its declared ranges are invariants *)

Lemma legal_alone : forall i c ks mine, nth_error ks i = Some mine -> legal (K := each n) (i, c) ks ->
  forall z, allows c z mine -> assumes c z mine.
Proof.
  intros i c ks mine N L z Al. destruct (L z) as (m & Nm & As); [exists mine; auto|]. cbn in Nm, As. congruence.
Qed.

Lemma played_together : forall p ks, played (for_each n P) p ks ->
  played P p (sum ks) /\ Forall natural ks /\ length ks = n.
Proof.
  induction 1 as [p Hs|p ks [i c] y p' Pl (IH & F & Len) Le [L An]|p ks p' Pl (IH & F & Len) Tu].
  - change (@fresh (each n)) with (repeat (@fresh K) n). rewrite sum_fresh.
    split; [constructor; auto|]. split; [|apply repeat_length].
    apply Forall_forall. intros a Ha. apply repeat_spec in Ha as ->. auto.
  - cbn in L, An. destruct (nth_error ks i) as [mine|] eqn:N.
    2:{ apply nth_error_None in N. lia. }
    destruct (one_of_all i c ks mine F (P_in_range _ _ IH) N (legal_alone i c ks mine N Le)) as (LeAll & H).
    destruct (P_offers _ _ IH) as (Ans & _ & _). destruct (H y (Ans _ _ _ LeAll An)) as (As & Al & Fi & Su & Ln).
    cbn. rewrite N. split; [|split].
    + rewrite Su. eapply played_call; eauto.
    + auto.
    + congruence.
  - repeat split; auto. eapply played_turn; eauto.
Qed.

(** Rule "offers_shared": whoever offers the contract to all callers taken as one offers it to each of any number. *)
Theorem offered_to_each : offers (for_each n P).
Proof.
  intros p ks Pl. destruct (played_together p ks Pl) as (PlS & F & Len).
  destruct (P_offers _ _ PlS) as (Ans & Wr & Tw).
  split; [|split]; auto.
  - intros [i c] y p' L [B An]. cbn in *. destruct (nth_error ks i) as [mine|] eqn:N.
    2:{ apply nth_error_None in N. lia. }
    destruct (one_of_all i c ks mine F (P_in_range _ _ PlS) N (legal_alone i c ks mine N L)) as (L1 & H).
    destruct (H y (Ans c y p' L1 An)) as (_ & Al & _). exists mine. auto.
  - intros [i c] L [B W]. cbn in *. destruct (nth_error ks i) as [mine|] eqn:N.
    2:{ apply nth_error_None in N. lia. }
    destruct (one_of_all i c ks mine F (P_in_range _ _ PlS) N (legal_alone i c ks mine N L)) as (L1 & _).
    exact (Wr c L1 W).
Qed.

End OneProvider.

End Shared.
