(** Invariants by induction, with premises that serve each other, over one step or several.

    Rules "initial", "preserved" and "k_induction". *)

Require Import Bool Arith Lia.
From Quiesce Require Import Transitions.

Section Induction.

Variable M : machine.

(** Some actions, the refusals and waits, never change anything; conditions are asked of the others alone. *)
Variable moves : action M -> bool.
Hypothesis still : forall a x s, moves a = false -> effect a x s = s.

(** A set of claims, of any size: declared ranges, promises, helpers. Each may rest on all of them. *)
Variable name : Type.
Variable claim : name -> state M -> Prop.

Definition all_claims (s : state M) : Prop := forall i, claim i s.

(** [walk n s t]: [n] steps that move something lead from [s] to [t], and all claims hold in each state, both ends
    included. *)
Inductive walk : nat -> state M -> state M -> Prop :=
| walk_here : forall s, all_claims s -> walk 0 s s
| walk_on : forall n s t a x,
    walk n s t -> moves a = true -> guard a x t -> all_claims (effect a x t) -> walk (S n) s (effect a x t).

Lemma walk_end : forall n s t, walk n s t -> all_claims t.
Proof. destruct 1; auto. Qed.

(** The last steps of a longer walk. *)
Lemma walk_last : forall n s t, walk n s t -> forall m, m <= n -> exists u, walk m u t.
Proof.
  induction 1 as [s H|n s t a x W IH Hm G A]; intros m L.
  - exists s. assert (m = 0) as -> by lia. constructor; auto.
  - destruct m as [|m].
    + exists (effect a x t). constructor; auto.
    + destruct (IH m) as [u U]; [lia|]. exists u. constructor; auto.
Qed.

(** What has to be shown of a claim [i] and an action [a], if [back] steps before the action are looked at. With none it
    is the usual condition: the action keeps the claim wherever all claims hold. *)
Definition short_runs_keep (back : nat) (i : name) (a : action M) : Prop :=
  forall n s t x, n < back -> initial M s -> walk n s t -> guard a x t -> claim i (effect a x t).

Definition long_runs_keep (back : nat) (i : name) (a : action M) : Prop :=
  forall s t x, walk back s t -> guard a x t -> claim i (effect a x t).

Lemma walk_from_start :
  (forall i s, initial M s -> claim i s) ->
  forall back : name -> action M -> nat,
  (forall i a, moves a = true -> short_runs_keep (back i a) i a) ->
  (forall i a, moves a = true -> long_runs_keep (back i a) i a) ->
  forall s, reachable s -> exists s0 n, initial M s0 /\ walk n s0 s.
Proof.
  intros I back SR LR. apply reachable_ind.
  - intros s H. exists s, 0. split; auto. constructor. intros i. auto.
  - intros s a x _ (s0 & n & H0 & W) G. destruct (moves a) eqn:Ma.
    + exists s0, (S n). split; auto. constructor; auto.
      intros i. destruct (le_lt_dec (back i a) n) as [L|L].
      * destruct (walk_last _ _ _ W _ L) as [u U]. eapply LR; eauto.
      * eapply SR; eauto.
    + rewrite still by auto. eauto.
Qed.

(** Rule "k_induction". Claims that hold at the start, and that each action keeps, hold in every reachable state; of
    each claim and each action it may be shown by looking at another number of steps. The claim itself is one of those
    that hold in the states looked at: this is a rule for claims that are to be invariants, and for no other obligation.
    The premises are used together: no claim may be taken as known of which the conditions are not all shown. *)
Theorem k_induction :
  (forall i s, initial M s -> claim i s) ->
  forall back : name -> action M -> nat,
  (forall i a, moves a = true -> short_runs_keep (back i a) i a) ->
  (forall i a, moves a = true -> long_runs_keep (back i a) i a) ->
  forall s, reachable s -> forall i, claim i s.
Proof.
  intros I back SR LR s R. destruct (walk_from_start I back SR LR s R) as (s0 & n & _ & W).
  exact (walk_end _ _ _ W).
Qed.

(** Rule "preserved": the same with one step alone. *)
Theorem invariants_together :
  (forall i s, initial M s -> claim i s) ->
  (forall i a x s, moves a = true -> all_claims s -> guard a x s -> claim i (effect a x s)) ->
  forall s, reachable s -> forall i, claim i s.
Proof.
  intros I K. apply k_induction with (back := fun _ _ => 0); auto.
  - intros i a Ma n s t x L. lia.
  - intros i a Ma s t x W G. apply K; auto. exact (walk_end _ _ _ W).
Qed.

End Induction.

(** Rule "initial". What holds wherever each place has its initial value holds in the first state of every run. Places
    without an initial value are those of policies, which have any of their alternatives. *)
Section Start.

Variable place : Type.
Variable value : place -> Type.
Variable default : forall p, option (value p).
Variable alternative : forall p, value p -> Prop.

Definition starts (s : forall p, value p) : Prop :=
  forall p, match default p with Some v => s p = v | None => alternative p (s p) end.

Theorem holds_at_the_start : forall (M : machine) (look : state M -> forall p, value p),
  (forall s, initial M s -> starts (look s)) ->
  forall claim : (forall p, value p) -> Prop,
  (forall s, starts s -> claim s) ->
  forall s0 s, initial M s0 -> leads s0 s -> claim (look s0).
Proof. intros M look I claim C s0 s H _. apply C, I, H. Qed.

End Start.
