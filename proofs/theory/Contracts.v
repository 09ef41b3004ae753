(** Contracts between layers, and who offers one. Rules "offers_start" and "offers_step".

    A contract counts something, says when a call is legal, which answers a legal call may be given, and what the counts
    are behind it. Whoever offers it gives only such answers, wherever all calls are legal. *)

Require Import List Bool Arith Lia.
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
    that is itself made of layers: something inside is called where that is not legal, or does not deal with an answer.
    *)
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

    What the machine counts for its callers is the contract's counts, under the same names. Calls are answered at once,
    or they begin and are answered by a later step of the machine itself. That one is under way is told by the state. *)

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

(** A call may begin if the contract assumes nothing for it, if its answers do not depend on what is counted, and if
    what it is given leaves it open to succeed and to be refused. It changes nothing that is counted, and begins only
    where none is under way. *)
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

(** What an end says to the caller: it is accepted if what is counted is moved accordingly, and refused if it is not.
    Which answer it is, of those that the contract allows, is not a part of the machine's steps: that is left to the
    program. *)
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
      (forall k, exists y, accepted y = true /\ allows c y k) /\
      (forall k, exists y, accepted y = false /\ allows c y k)
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
  - destruct (Acc (view s)) as (y & Y & Al). exists c, y. split; auto. split; [intros z _; auto|].
    right. unfold ends. repeat split; auto.
  - destruct (Ref (view s)) as (y & Y & Al). exists c, y. split; auto. split; [intros z _; auto|].
    right. unfold ends. repeat split; auto.
    rewrite X. symmetry. apply refusals_change_nothing; auto.
Qed.

End Offer.
