(** Layers upon layers, each of which uses the contract of the one below it and offers its own. Rules "precondition",
    "answers_handled" and "chain". *)

From Quiesce Require Import Contracts.

(** What a layer does when it is called, or by itself: it makes calls to the layer below, one after the other, and goes
    on as the answers say; some of them it may not deal with. At the end it answers. *)
Inductive talk (L : contract) (Y S : Type) : Type :=
| Answer : Y -> S -> talk L Y S
| Ask : call L -> (answer L -> option (talk L Y S)) -> talk L Y S.

Arguments Answer {L Y S}. Arguments Ask {L Y S}.

(** Each call is legal (rule "precondition"), each answer that the contract has is dealt with (rule "answers_handled"),
    and what is said at the end is as it should be. *)
Fixpoint fine {L Y S} (t : talk L Y S) (k : counts L) (right : Y -> S -> counts L -> Prop) : Prop :=
  match t with
  | Answer y s => right y s k
  | Ask c go_on =>
      legal c k /\
      forall y, allows c y k -> match go_on y with Some t' => fine t' (next c y k) right | None => False end
  end.

(** How a talk goes with whoever is below. That one may take turns of its own in between. The counts follow the calls
    and answers. *)
Inductive plays {L Y S} (P : provider L) : talk L Y S -> inner P -> counts L -> Y -> S -> inner P -> counts L -> Prop :=
| plays_answer : forall y s p k, plays P (Answer y s) p k y s p k
| plays_turn : forall t p p1 k y s p2 k2, turns P p p1 -> plays P t p1 k y s p2 k2 -> plays P t p k y s p2 k2
| plays_ask : forall c go_on p k z p1 t' y s p2 k2, answers P p c z p1 -> go_on z = Some t' ->
    plays P t' p1 (next c z k) y s p2 k2 -> plays P (Ask c go_on) p k y s p2 k2.

(** How it goes wrong: a call that is not legal, an answer that is not dealt with, or something further below. *)
Inductive fails {L Y S} (P : provider L) : talk L Y S -> inner P -> counts L -> Prop :=
| fails_illegal : forall c go_on p k, ~ legal c k -> fails P (Ask c go_on) p k
| fails_unhandled : forall c go_on p k z p1, answers P p c z p1 -> go_on z = None -> fails P (Ask c go_on) p k
| fails_below : forall c go_on p k, goes_wrong P p c -> fails P (Ask c go_on) p k
| fails_below_turn : forall t p k, turns_wrong P p -> fails P t p k
| fails_after_turn : forall t p p1 k, turns P p p1 -> fails P t p1 k -> fails P t p k
| fails_later : forall c go_on p k z p1 t', answers P p c z p1 -> go_on z = Some t' ->
    fails P t' p1 (next c z k) -> fails P (Ask c go_on) p k.

Lemma fine_plays : forall L Y S (P : provider L), offers P ->
  forall (t : talk L Y S) p k y s p2 k2, plays P t p k y s p2 k2 -> played P p k ->
  forall right, fine t k right -> right y s k2 /\ played P p2 k2.
Proof.
  intros L Y S P Off. induction 1 as [y s p k|t p p1 k y s p2 k2 T _ IH|c go_on p k z p1 t' y s p2 k2 A G _ IH];
    intros Pl right F; cbn in F; auto.
  - apply IH; auto. eapply played_turn; eauto.
  - destruct F as [Le F]. assert (Al : allows c z k) by (eapply (Off p k Pl); eauto).
    specialize (F z Al). rewrite G in F. apply IH; auto. eapply played_call; eauto.
Qed.

Lemma fine_does_not_fail : forall L Y S (P : provider L), offers P ->
  forall (t : talk L Y S) p k, fails P t p k -> played P p k -> forall right, ~ fine t k right.
Proof.
  intros L Y S P Off t p k F. induction F as [c go_on p k N|c go_on p k z p1 A G|c go_on p k W|t p k W|t p p1 k T _ IH
    |c go_on p k z p1 t' A G _ IH]; intros Pl right Fi.
  - apply N. apply Fi.
  - destruct Fi as [Le Fi]. assert (Al : allows c z k) by (eapply (Off p k Pl); eauto).
    specialize (Fi z Al). rewrite G in Fi. exact Fi.
  - destruct Fi as [Le _]. destruct (Off p k Pl) as (_ & H & _). exact (H c Le W).
  - destruct (Off p k Pl) as (_ & _ & H). exact (H W).
  - apply (IH (played_turn P p k p1 Pl T) right Fi).
  - destruct Fi as [Le Fi]. assert (Al : allows c z k) by (eapply (Off p k Pl); eauto).
    specialize (Fi z Al). rewrite G in Fi. apply (IH (played_call P p k c z p1 Pl Le A) right Fi).
Qed.

(** A layer uses the contract [L] and offers the contract [U]. It counts both in its own state. *)
Record layer (L U : contract) := Layer {
  own : Type;
  own_starts : own -> Prop;
  handles : own -> call U -> talk L (answer U) own -> Prop;
  acts : own -> talk L unit own -> Prop;
  upper : own -> counts U;
  lower : own -> counts L;
  sure : own -> Prop  (* its invariants *)
}.

Arguments own {L U}. Arguments own_starts {L U}. Arguments handles {L U}. Arguments acts {L U}.
Arguments upper {L U}. Arguments lower {L U}. Arguments sure {L U}.

(** What is proved of one layer, with nothing in hand but the two contracts. *)
Record layer_right {L U} (A : layer L U) : Prop := {
  right_start : forall s, own_starts A s -> sure A s /\ lower A s = fresh /\ upper A s = fresh;
  right_call : forall s c t, sure A s -> legal c (upper A s) -> handles A s c t ->
    fine t (lower A s) (fun y s' k =>
      lower A s' = k /\ allows c y (upper A s) /\ upper A s' = next c y (upper A s) /\ sure A s');
  right_act : forall s t, sure A s -> acts A s t ->
    fine t (lower A s) (fun _ s' k => lower A s' = k /\ upper A s' = upper A s /\ sure A s')
}.

(** A layer upon whoever is below it. The counts of the lower contract are kept beside, as the talks move them: whether
    a call is legal is judged by these and not by what the layer believes. *)
Definition upon {L U} (A : layer L U) (P : provider L) : provider U := {|
  inner := own A * counts L * inner P;
  starts := fun q => let '(s, k, p) := q in own_starts A s /\ k = fresh /\ starts P p;
  answers := fun q c y q' => let '(s, k, p) := q in let '(s', k', p') := q' in
    exists t, handles A s c t /\ plays P t p k y s' p' k';
  turns := fun q q' => let '(s, k, p) := q in let '(s', k', p') := q' in
    (s' = s /\ k' = k /\ turns P p p') \/ exists t, acts A s t /\ plays P t p k tt s' p' k';
  goes_wrong := fun q c => let '(s, k, p) := q in exists t, handles A s c t /\ fails P t p k;
  turns_wrong := fun q => let '(s, k, p) := q in turns_wrong P p \/ exists t, acts A s t /\ fails P t p k
|}.

Lemma upon_played : forall L U (A : layer L U) P, layer_right A -> offers P ->
  forall q k, played (upon A P) q k ->
  let '(s, kl, p) := q in sure A s /\ lower A s = kl /\ upper A s = k /\ played P p kl.
Proof.
  intros L U A P R Off. induction 1 as [[[s kl] p] (Os & -> & St)|[[s kl] p] k c y [[s' kl'] p'] _ IH Le (t & H & Pl)
    |[[s kl] p] k [[s' kl'] p'] _ IH Tu].
  - destruct (right_start A R s Os) as (Su & Lo & Up). repeat split; auto. constructor; auto.
  - destruct IH as (Su & Lo & Up & PlP). subst.
    destruct (fine_plays _ _ _ P Off _ _ _ _ _ _ _ Pl PlP _ (right_call A R s c t Su Le H))
      as ((E & _ & Up' & Su') & Pl').
    repeat split; auto.
  - destruct IH as (Su & Lo & Up & PlP). subst. destruct Tu as [(-> & -> & Tu)|(t & H & Pl)].
    + repeat split; auto. eapply played_turn; eauto.
    + destruct (fine_plays _ _ _ P Off _ _ _ _ _ _ _ Pl PlP _ (right_act A R s t Su H)) as ((E & Up' & Su') & Pl').
      repeat split; auto.
Qed.

(** One layer: if whoever is below offers the lower contract, the layer upon it offers the upper one. *)
Theorem layer_offers : forall L U (A : layer L U) P, layer_right A -> offers P -> offers (upon A P).
Proof.
  intros L U A P R Off q k Pl. pose proof (upon_played L U A P R Off q k Pl) as H. destruct q as [[s kl] p].
  destruct H as (Su & Lo & Up & PlP). subst. split; [|split].
  - intros c y [[s' kl'] p'] Le (t & H & Pt).
    destruct (fine_plays _ _ _ P Off _ _ _ _ _ _ _ Pt PlP _ (right_call A R s c t Su Le H)) as ((_ & Al & _) & _). auto.
  - intros c Le (t & H & F). exact (fine_does_not_fail _ _ _ P Off _ _ _ F PlP _ (right_call A R s c t Su Le H)).
  - intros [W|(t & H & F)].
    + destruct (Off _ _ PlP) as (_ & _ & T). auto.
    + exact (fine_does_not_fail _ _ _ P Off _ _ _ F PlP _ (right_act A R s t Su H)).
Qed.

(** A chain of layers of any depth. Each may use and offer contracts of its own. *)
Inductive chain : contract -> Type :=
| Bottom : forall K, provider K -> chain K
| Upon : forall L U, layer L U -> chain L -> chain U.

Fixpoint whole {K} (ch : chain K) : provider K :=
  match ch with Bottom _ P => P | Upon _ _ A below => upon A (whole below) end.

Fixpoint chain_right {K} (ch : chain K) : Prop :=
  match ch with Bottom _ P => offers P | Upon _ _ A below => layer_right A /\ chain_right below end.

(** Rule "chain": if the lowest machine offers its contract, and each layer keeps the one below it and offers its own,
    then every answer at the top is one that the contract has; and at no depth a call is made that is not legal, or an
    answer comes that nobody deals with. *)
Theorem every_call_is_right : forall K (ch : chain K), chain_right ch -> offers (whole ch).
Proof.
  induction ch as [K P|L U A below IH]; cbn; auto. intros [R C]. apply layer_offers; auto.
Qed.

(** Rules "precondition" and "answers_handled", said of one layer alone: wherever it gets while it is called as its
    contract asks, no talk of its fails. *)
Theorem calls_below_are_legal_and_answered : forall L U (A : layer L U) P, layer_right A -> offers P ->
  forall s kl p k, played (upon A P) (s, kl, p) k ->
  (forall c t, legal c k -> handles A s c t -> ~ fails P t p kl) /\ (forall t, acts A s t -> ~ fails P t p kl).
Proof.
  intros L U A P R Off s kl p k Pl. destruct (layer_offers L U A P R Off _ _ Pl) as (_ & W & T). split.
  - intros c t Le H F. apply (W c Le). exists t. auto.
  - intros t H F. apply T. right. exists t. auto.
Qed.
