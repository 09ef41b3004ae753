(** Contracts between layers. Rules "precondition", "answers_handled", "offers_step", "offers_start", "offers_shared" and
    "chain".

    A contract counts something, says when a call is legal, which answers a legal call may be given, and what the counts
    are behind it. Whoever offers it gives only such answers, wherever all calls are legal. *)

Require Import List Bool Arith Lia.
From Quiesce Require Import Transitions.
Import ListNotations.

Record contract := Contract {
  counts : Type;
  call : Type;    (* with what the caller gives *)
  answer : Type;  (* accepted or refused, with what comes with it *)
  fresh : counts;
  allows : call -> answer -> counts -> Prop;   (* where the answer can come *)
  assumes : call -> answer -> counts -> Prop;  (* what the contract takes for granted of the caller then *)
  next : call -> answer -> counts -> counts
}.

Arguments allows {c}. Arguments assumes {c}. Arguments next {c}. Arguments fresh {c}.

(** A call is legal where the caller keeps what is assumed, whatever the answer. *)
Definition legal {K : contract} (c : call K) (k : counts K) : Prop := forall y, allows c y k -> assumes c y k.

(** Whoever is called: it answers calls, and takes turns of its own. [goes_wrong] and [turns_wrong] are for a provider
    that is itself made of layers: something inside is called where that is not legal, or does not deal with an answer. *)
Record provider (K : contract) := Provider {
  inner : Type;
  starts : inner -> Prop;
  answers : inner -> call K -> answer K -> inner -> Prop;
  turns : inner -> inner -> Prop;
  goes_wrong : inner -> call K -> Prop;
  turns_wrong : inner -> Prop
}.

Arguments inner {K}. Arguments starts {K}. Arguments answers {K}. Arguments turns {K}.
Arguments goes_wrong {K}. Arguments turns_wrong {K}.

(** The states that a provider gets into while its callers do only what is legal, each with the counts that the contract
    has by then. The counts follow from the calls and answers alone, not from anything that the provider believes. *)
Inductive played {K} (P : provider K) : inner P -> counts K -> Prop :=
| played_start : forall p, starts P p -> played P p fresh
| played_call : forall p k c y p', played P p k -> legal c k -> answers P p c y p' -> played P p' (next c y k)
| played_turn : forall p k p', played P p k -> turns P p p' -> played P p' k.

(** It offers the contract: every answer to a legal call is one that the contract has, and nothing goes wrong inside. *)
Definition offers {K} (P : provider K) : Prop :=
  forall p k, played P p k ->
  (forall c y p', legal c k -> answers P p c y p' -> allows c y k) /\
  (forall c, legal c k -> ~ goes_wrong P p c) /\
  ~ turns_wrong P p.

(** * Rules "offers_start" and "offers_step": a machine that offers a contract

    What the machine counts for its callers is the contract's counts, under the same names. Calls are answered at once, or
    they begin and are answered by a later step of the machine itself. That one is under way is told by the state. *)

Section Offer.

Variable K : contract.
Variable accepted : answer K -> bool.
Hypothesis refusals_change_nothing : forall (c : call K) y k, accepted y = false -> next c y k = k.

Variable S : Type.
Variable starting : S -> Prop.
Variable known : S -> Prop.          (* the invariants of the machine *)
Variable view : S -> counts K.       (* its variables of the contract's names *)
Variable under_way : S -> bool.
Variable at_once : S -> call K -> answer K -> S -> Prop.  (* steps that answer a call *)
Variable begins : S -> call K -> S -> Prop.               (* steps that begin one *)
Variable by_itself : S -> S -> Prop.                      (* steps that nobody called for *)

Hypothesis known_start : forall s, starting s -> known s.
Hypothesis known_at_once : forall s c y s', known s -> legal c (view s) -> at_once s c y s' -> known s'.
Hypothesis known_begins : forall s c s', known s -> begins s c s' -> known s'.
Hypothesis known_by_itself : forall s s', known s -> by_itself s s' -> known s'.

(** The machine counts what the contract counts, from the start on, where no call is under way (rule "offers_start"). *)
Hypothesis view_start : forall s, starting s -> view s = fresh.
Hypothesis offers_start : forall s, starting s -> under_way s = false.

(** An answer that comes at once is one that the contract has; whether a call is under way stays the same. *)
Hypothesis step_at_once : forall s c y s', known s -> legal c (view s) -> at_once s c y s' ->
  allows c y (view s) /\ view s' = next c y (view s) /\ under_way s' = under_way s.

(** A call may begin if the contract assumes nothing for it, if its answers do not depend on what is counted, and if what
    it is given leaves it open to succeed and to be refused. It changes nothing that is counted, and begins only where
    none is under way. *)
Variable may_begin : call K -> Prop.
Hypothesis free : forall c y k k', may_begin c -> allows c y k -> allows c y k'.
Hypothesis trusting_nobody : forall c y k, may_begin c -> assumes c y k.
Hypothesis step_begins : forall s c s', known s -> begins s c s' ->
  may_begin c /\ view s' = view s /\ under_way s = false /\ under_way s' = true /\
  (exists y, accepted y = true /\ allows c y (view s)) /\ (exists y, accepted y = false /\ allows c y (view s)).

(** A step of the machine itself changes nothing, or ends the call under way: whichever it was, as it would if it
    succeeded with whatever answer, or without a change. *)
Hypothesis step_by_itself : forall s s', known s -> by_itself s s' ->
  (view s' = view s /\ under_way s' = under_way s) \/
  (under_way s = true /\ under_way s' = false /\
   ((forall c y, may_begin c -> accepted y = true -> view s' = next c y (view s)) \/ view s' = view s)).

(** What an end says to the caller: it is accepted if what is counted is moved accordingly, and refused if it is not. Which
    answer it is, of those that the contract allows, is not a part of the machine's steps: that is left to the program. *)
Definition ends (s : S) (c : call K) (y : answer K) (s' : S) : Prop :=
  by_itself s s' /\ under_way s = true /\ under_way s' = false /\ allows c y (view s) /\ view s' = next c y (view s).

(** The machine as a provider. It remembers the call under way, which is answered when it ends. *)
Definition machine_provider : provider K := {|
  inner := S * option (call K);
  starts := fun p => starting (fst p) /\ snd p = None;
  answers := fun p c y p' =>
    (at_once (fst p) c y (fst p') /\ snd p' = snd p) \/
    (snd p = Some c /\ snd p' = None /\ ends (fst p) c y (fst p'));
  turns := fun p p' =>
    (exists c, begins (fst p) c (fst p') /\ snd p' = Some c) \/
    (by_itself (fst p) (fst p') /\ snd p' = snd p /\ under_way (fst p') = under_way (fst p));
  goes_wrong := fun _ _ => False;
  turns_wrong := fun _ => False
|}.

Definition remembered (s : S) (o : option (call K)) : Prop :=
  match o with
  | None => under_way s = false
  | Some c => under_way s = true /\ may_begin c /\
      (forall k, exists y, accepted y = true /\ allows c y k) /\ (forall k, exists y, accepted y = false /\ allows c y k)
  end.

Lemma machine_played : forall p k, played machine_provider p k ->
  known (fst p) /\ view (fst p) = k /\ remembered (fst p) (snd p).
Proof.
  induction 1 as [[s o] [Hs Ho]|[s o] k c y [s' o'] Pl (Kn & V & Re) Le An|[s o] k [s' o'] Pl (Kn & V & Re) Tu];
    cbn in *; subst.
  - repeat split; auto. apply offers_start; auto.
  - destruct An as [[A ->]|(-> & -> & B & U & U' & Al & V')].
    + destruct (step_at_once _ _ _ _ Kn Le A) as (Al & V' & U). repeat split; eauto.
      unfold remembered in *. destruct o; rewrite U; auto.
    + repeat split; eauto.
  - destruct Tu as [(c & B & ->)|(B & -> & U)].
    + destruct (step_begins _ _ _ Kn B) as (M & V & U & U' & (y & Y & Al) & (z & Z & Al')).
      repeat split; eauto 7.
    + repeat split; eauto.
      * destruct (step_by_itself _ _ Kn B) as [[V _]|(X & Y & _)]; auto. rewrite X, Y in U. discriminate.
      * unfold remembered in *. destruct o; rewrite U; auto.
Qed.

(** Rule "offers_step": such a machine offers the contract. *)
Theorem machine_offers : offers machine_provider.
Proof.
  intros p k Pl. pose proof (machine_played p k Pl) as (Kn & V & Re). subst. repeat split; auto.
  intros c y p' Le [[A _]|(_ & _ & E)].
  - apply (step_at_once _ _ _ _ Kn Le A).
  - apply E.
Qed.

(** No call that is under way is lost: the step that ends it is an answer that the contract has for that very call. *)
Theorem ends_are_answers : forall s o k s', played machine_provider (s, o) k -> by_itself s s' ->
  under_way s = true -> under_way s' = false ->
  exists c y, o = Some c /\ legal c k /\ answers machine_provider (s, o) c y (s', None).
Proof.
  intros s o k s' Pl B U U'. pose proof (machine_played _ _ Pl) as (Kn & V & Re). cbn in *.
  destruct o as [c|]; [|cbn in Re; congruence]. destruct Re as (_ & M & Acc & Ref).
  destruct (step_by_itself _ _ Kn B) as [[_ X]|(_ & _ & [X|X])]; [congruence| |].
  - destruct (Acc (view s)) as (y & Y & Al). exists c, y. split; auto. split; [intros z _; auto|]. right. unfold ends. repeat split; auto.
  - destruct (Ref (view s)) as (y & Y & Al). exists c, y. split; auto. split; [intros z _; auto|]. right. unfold ends. repeat split; auto.
    rewrite X. symmetry. apply refusals_change_nothing; auto.
Qed.

End Offer.

(** * Rule "offers_shared": one contract for several callers

    The counts of a contract can be added up. The machine counts for all callers together; each of them keeps the contract
    for itself. *)

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

(** * Rules "precondition", "answers_handled" and "chain": layers upon layers *)

(** What a layer does when it is called, or by itself: it makes calls to the layer below, one after the other, and goes on
    as the answers say; some of them it may not deal with. At the end it answers. *)
Inductive talk (L : contract) (Y S : Type) : Type :=
| Answer : Y -> S -> talk L Y S
| Ask : call L -> (answer L -> option (talk L Y S)) -> talk L Y S.

Arguments Answer {L Y S}. Arguments Ask {L Y S}.

(** Each call is legal (rule "precondition"), each answer that the contract has is dealt with (rule "answers_handled"), and
    what is said at the end is as it should be. *)
Fixpoint fine {L Y S} (t : talk L Y S) (k : counts L) (right : Y -> S -> counts L -> Prop) : Prop :=
  match t with
  | Answer y s => right y s k
  | Ask c go_on =>
      legal c k /\
      forall y, allows c y k -> match go_on y with Some t' => fine t' (next c y k) right | None => False end
  end.

(** How a talk goes with whoever is below. That one may take turns of its own in between. The counts follow the calls and
    answers. *)
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

(** A layer upon whoever is below it. The counts of the lower contract are kept beside, as the talks move them: whether a
    call is legal is judged by these and not by what the layer believes. *)
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
    destruct (fine_plays _ _ _ P Off _ _ _ _ _ _ _ Pl PlP _ (right_call A R s c t Su Le H)) as ((E & _ & Up' & Su') & Pl').
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

(** Rule "chain": if the lowest machine offers its contract, and each layer keeps the one below it and offers its own, then
    every answer at the top is one that the contract has; and at no depth a call is made that is not legal, or an answer
    comes that nobody deals with. *)
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
