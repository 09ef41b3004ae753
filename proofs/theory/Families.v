(** Members that may be forgotten: when one makes no difference. Rule "forgettable".

    A machine keeps all members of its families: those in use, those given back, and those that were never used. A
    program knows only some of them: it forgets members that are as new, and comes to know a member when a call names
    it. A member is as new if its fields have their defaults, but for the persistent ones, which have any value (a
    member that the program forgets keeps its own fields; it only is no longer found by looking through the family).

    Here is said when a member that is as new makes no difference: neither to a quantifier or total in any guard,
    condition or value, nor by being changed itself; and that this is enough for expressions to have the same value, and
    for actions to do the same, over the members that are known. What follows for runs is in [Forgetting]. All of it
    holds for families with no members at all. *)

Require Import List Bool ZArith Lia Permutation.
From Quiesce Require Import Sums.
Import ListNotations.

Section Members.

Variable family : Type.
Variable member : Type.
Variable same : forall m n : member, {m = n} + {m <> n}.
Variable scalars : Type.  (* the values of the machine's own variables and policies *)
Variable fields : Type.   (* the values of a member's fields *)

(** A member that goes by a name: as an argument, or bound by a quantifier or loop. *)
Definition named := (family * member)%type.

(** The members of each family, and the fields of each member. *)
Definition range := family -> list member.
Definition lookup := family -> member -> fields.

(** The fields of a member that was never used, which is as new; a member that was given back may be as new, too. *)
Variable default : family -> fields.
Variable as_new : family -> fields -> Prop.
Hypothesis default_as_new : forall f, as_new f (default f).

(** Some member that could be named; the families may have none. *)
Variable spare : member.

(** * Expressions

    An expression reads the arguments [X], the machine's variables, which members its names stand for, and their fields.
    It looks through a family by a quantifier or a total alone. *)

Inductive expr (X : Type) : Type -> Type :=
| Local : forall A, (X -> scalars -> list named -> list fields -> A) -> expr X A
| Apply : forall A B, expr X (A -> B) -> expr X A -> expr X B
| All : family -> expr X bool -> expr X bool
| Any : family -> expr X bool -> expr X bool
| Total : family -> expr X Z -> expr X Z.

Arguments Local {X A}. Arguments Apply {X A B}. Arguments All {X}. Arguments Any {X}. Arguments Total {X}.

Fixpoint eval {X A} (e : expr X A) (R : range) (x : X) (g : scalars) (look : lookup) (ms : list named) : A :=
  match e in expr _ A return A with
  | Local read => read x g ms (map (fun n => look (fst n) (snd n)) ms)
  | Apply f a => (eval f R x g look ms) (eval a R x g look ms)
  | All f body => forallb (fun m => eval body R x g look ((f, m) :: ms)) (R f)
  | Any f body => existsb (fun m => eval body R x g look ((f, m) :: ms)) (R f)
  | Total f term => total (fun m => eval term R x g look ((f, m) :: ms)) (R f)
  end.

Definition family_ok (R : range) : Prop := forall f, NoDup (R f).
Definition within (R : range) (ms : list named) : Prop := forall n, In n ms -> In (snd n) (R (fst n)).

Definition full (R : range) : Prop := forall f, R f <> [].

(** Whether a member that is as new makes no difference to a part of an expression. It is asked of every state, reached
    or not, and of members among which it is itself, as well as those that go by a name. It is asked only where each
    family has a member, as a solver takes it anyway; that is enough. *)
Definition neutral {X A} (body : expr X A) (f : family) (nothing : A) : Prop :=
  forall R x g look ms m, full R -> family_ok R -> within R ((f, m) :: ms) -> as_new f (look f m) ->
  eval body R x g look ((f, m) :: ms) = nothing.

(** And to each part of it. *)
Fixpoint inert {X A} (e : expr X A) : Prop :=
  match e with
  | Local _ => True
  | Apply f a => inert f /\ inert a
  | All f body => inert body /\ neutral body f true
  | Any f body => inert body /\ neutral body f false
  | Total f term => inert term /\ neutral term f 0%Z
  end.

(** [known] lacks some members of [U], all of which are as new. *)
Definition remembers (known U : range) (look : lookup) : Prop :=
  family_ok known /\ family_ok U /\ (forall f, incl (known f) (U f)) /\
  forall f m, In m (U f) -> ~ In m (known f) -> as_new f (look f m).

Definition known_of (known : list member) (m : member) : bool := if in_dec same m known then true else false.

Lemma rest_of_family : forall known U : list member, NoDup known -> NoDup U -> incl known U ->
  Permutation U (known ++ filter (fun m => negb (known_of known m)) U).
Proof.
  intros known U Nk Nu I. apply NoDup_Permutation; auto.
  - induction known as [|k ks IH]; cbn [app]; [apply NoDup_filter; auto|].
    assert (D : forall (a b : list member), NoDup a -> NoDup b -> (forall m, In m a -> ~ In m b) -> NoDup (a ++ b)).
    { clear. induction a as [|m a IH]; cbn; auto. intros b Na Nb D. inversion Na; subst. constructor.
      - intros H. apply in_app_or in H as [H|H]; [auto|]. exact (D m (or_introl eq_refl) H).
      - apply IH; auto. }
    apply (D (k :: ks)); auto; [apply NoDup_filter; auto|].
    intros m Hm H. apply filter_In in H as [_ H]. unfold known_of in H.
    destruct (in_dec same m (k :: ks)); [discriminate|contradiction].
  - intros m. split; intros H.
    + apply in_or_app. destruct (in_dec same m known) as [K|K]; auto. right. apply filter_In. split; auto.
      unfold known_of. destruct (in_dec same m known); [contradiction|reflexivity].
    + apply in_app_or in H as [H|H]; auto. apply filter_In in H. tauto.
Qed.

(** Of members alone that are in the family, or go by a name, the fields are ever read. *)
Lemma same_fields_within : forall X A (e : expr X A) U R x g look look' ms,
  (forall f, incl (R f) (U f)) -> within U ms -> (forall f m, In m (U f) -> look f m = look' f m) ->
  eval e R x g look ms = eval e R x g look' ms.
Proof.
  induction e as [A read|A B e1 IH1 e2 IH2|f e IH|f e IH|f e IH]; intros U R x g look look' ms I W H; cbn.
  - f_equal. apply map_ext_in. intros n Hn. apply H, W, Hn.
  - rewrite (IH1 U _ _ _ look look'), (IH2 U _ _ _ look look'); auto.
  - assert (E : forall m, In m (R f) ->
      eval e R x g look ((f, m) :: ms) = eval e R x g look' ((f, m) :: ms)).
    { intros m Hm. apply (IH U); auto. intros n [<-|Hn]; cbn; auto. apply I; auto. }
    revert E. clear - I. induction (R f) as [|m l IHl]; intros E; cbn; auto.
    rewrite E by (left; auto). rewrite IHl; auto. intros k Hk. apply E. right. auto.
  - assert (E : forall m, In m (R f) ->
      eval e R x g look ((f, m) :: ms) = eval e R x g look' ((f, m) :: ms)).
    { intros m Hm. apply (IH U); auto. intros n [<-|Hn]; cbn; auto. apply I; auto. }
    revert E. clear - I. induction (R f) as [|m l IHl]; intros E; cbn; auto.
    rewrite E by (left; auto). rewrite IHl; auto. intros k Hk. apply E. right. auto.
  - apply total_same. intros m Hm. apply (IH U); auto. intros n [<-|Hn]; cbn; auto. apply I; auto.
Qed.

Lemma same_fields : forall X A (e : expr X A) R x g look look' ms,
  (forall f m, look f m = look' f m) -> eval e R x g look ms = eval e R x g look' ms.
Proof.
  induction e as [A read|A B e1 IH1 e2 IH2|f e IH|f e IH|f e IH]; intros R x g look look' ms H; cbn.
  - f_equal. apply map_ext. auto.
  - rewrite (IH1 _ _ _ look look'), (IH2 _ _ _ look look'); auto.
  - induction (R f) as [|m l IHl]; cbn; auto. rewrite (IH _ _ _ look look'), IHl; auto.
  - induction (R f) as [|m l IHl]; cbn; auto. rewrite (IH _ _ _ look look'), IHl; auto.
  - apply total_same. auto.
Qed.

Lemma same_value_if_full : forall X A (e : expr X A), inert e ->
  forall known U x g look ms, full U -> remembers known U look -> within U ms ->
  eval e U x g look ms = eval e known x g look ms.
Proof.
  induction e as [A read|A B e1 IH1 e2 IH2|f e IH|f e IH|f e IH]; intros I known U x g look ms Fu Rem W.
  - reflexivity.
  - destruct I as [I1 I2]. cbn. rewrite (IH1 I1 known U), (IH2 I2 known U); auto.
  - destruct I as [I N], Rem as (Nk & Nu & Inc & New). cbn.
    apply eq_iff_eq_true. rewrite !forallb_forall. split; intros H m Hm.
    + rewrite <- (IH I known U); [apply H, Inc; auto|auto|repeat split; auto|].
      intros n [<-|Hn]; cbn; auto. apply Inc; auto.
    + assert (W' : within U ((f, m) :: ms)) by (intros n [<-|Hn]; cbn; auto).
      destruct (in_dec same m (known f)) as [K|K].
      * rewrite (IH I known U); auto. repeat split; auto.
      * apply N; auto.
  - destruct I as [I N], Rem as (Nk & Nu & Inc & New). cbn.
    apply eq_iff_eq_true. rewrite !existsb_exists. split; intros (m & Hm & H).
    + assert (W' : within U ((f, m) :: ms)) by (intros n [<-|Hn]; cbn; auto).
      destruct (in_dec same m (known f)) as [K|K].
      * exists m. split; auto. rewrite <- (IH I known U); auto. repeat split; auto.
      * rewrite N in H; auto. discriminate.
    + exists m. split; [apply Inc; auto|]. rewrite (IH I known U); auto; [repeat split; auto|].
      intros n [<-|Hn]; cbn; auto. apply Inc; auto.
  - destruct I as [I N], Rem as (Nk & Nu & Inc & New). cbn.
    rewrite (total_order _ _ _ _ (rest_of_family _ _ (Nk f) (Nu f) (Inc f))), total_append.
    rewrite (total_of_zeros _ _ (filter _ _)).
    + rewrite Z.add_0_r. apply total_same. intros m Hm. apply IH; auto; [repeat split; auto|].
      intros n [<-|Hn]; cbn; auto. apply Inc; auto.
    + intros m Hm. apply filter_In in Hm as [Hm K]. unfold known_of in K.
      destruct (in_dec same m (known f)); [discriminate|].
      apply N; auto. intros n' [<-|Hn]; cbn; auto.
Qed.

(** In thought, each family without members is given one that nobody uses. *)
Definition filled (R : range) : range := fun f => match R f with [] => [spare] | l => l end.
Definition filled_look (R : range) (look : lookup) : lookup :=
  fun f m => match R f with [] => default f | _ => look f m end.

Lemma filled_full : forall R, full (filled R).
Proof. intros R f. unfold filled. destruct (R f); discriminate. Qed.

Lemma filled_ok : forall R, family_ok R -> family_ok (filled R).
Proof. intros R H f. unfold filled. specialize (H f). destruct (R f); auto. repeat constructor. intros []. Qed.

Lemma filled_more : forall R f, incl (R f) (filled R f).
Proof. intros R f m H. unfold filled. destruct (R f); auto. destruct H. Qed.

Lemma filled_same : forall R look f m, In m (R f) -> filled_look R look f m = look f m.
Proof. intros R look f m H. unfold filled_look. destruct (R f); [destruct H|auto]. Qed.

Lemma filled_within : forall R ms, within R ms -> within (filled R) ms.
Proof. intros R ms W n Hn. apply filled_more, W, Hn. Qed.

Lemma filled_remembers : forall known U look, remembers known U look ->
  remembers known (filled U) (filled_look U look).
Proof.
  intros known U look (Nk & Nu & Inc & New). split; auto. split; [apply filled_ok; auto|]. split.
  - intros f m H. apply filled_more, Inc, H.
  - intros f m Hm Hk. specialize (New f m). unfold filled, filled_look in *. destruct (U f); auto.
Qed.

Lemma remembers_all : forall U look, family_ok U -> remembers U U look.
Proof.
  intros U look H. split; auto. split; auto. split; [intros f; apply incl_refl|]. intros f m H1 H2. contradiction.
Qed.

(** Nothing that is inert tells the difference. *)
Lemma same_if_filled : forall X A (e : expr X A), inert e -> forall U x g look ms, family_ok U -> within U ms ->
  eval e U x g look ms = eval e (filled U) x g (filled_look U look) ms.
Proof.
  intros X A e I U x g look ms Ok W.
  rewrite (same_value_if_full _ _ e I U (filled U)); auto using filled_full, filled_within.
  - apply (same_fields_within _ _ e U); auto; [intros f; apply incl_refl|].
    intros f m H. symmetry. apply filled_same; auto.
  - apply filled_remembers, remembers_all; auto.
Qed.

(** What is said of all members is said of those that are known, and the other way round. *)
Theorem same_value : forall X A (e : expr X A), inert e ->
  forall known U x g look ms, remembers known U look -> within U ms ->
  eval e U x g look ms = eval e known x g look ms.
Proof.
  intros X A e I known U x g look ms Rem W. pose proof Rem as (Nk & Nu & Inc & New).
  rewrite same_if_filled by auto.
  rewrite (same_value_if_full _ _ e I known (filled U)); auto using filled_full, filled_within, filled_remembers.
  apply (same_fields_within _ _ e U); auto. intros f m H. apply filled_same; auto.
Qed.

(** * Statements

    A body is executed from top to bottom. One statement gives new values to the machine's variables, and to the fields
    of all members of which it makes something else; an assignment to a named member is one that leaves the others as
    they are, and a loop one that does not. *)

Inductive body (X : Type) : Type :=
| Done : body X
| Then : expr X scalars -> (family -> expr X fields) -> body X -> body X
| Branch : expr X bool -> body X -> body X -> body X.

Arguments Done {X}. Arguments Then {X}. Arguments Branch {X}.

Definition changed (R : range) (look : lookup) (new : family -> member -> fields) : lookup :=
  fun f m => if in_dec same m (R f) then new f m else look f m.

Fixpoint run_body {X} (b : body X) (R : range) (x : X) (ms : list named) (g : scalars) (look : lookup)
  : scalars * lookup :=
  match b with
  | Done => (g, look)
  | Then value new rest =>
      run_body rest R x ms (eval value R x g look ms)
        (changed R look (fun f m => eval (new f) R x g look ((f, m) :: ms)))
  | Branch c yes no => if eval c R x g look ms then run_body yes R x ms g look else run_body no R x ms g look
  end.

(** A body makes no difference to, and is not made different by, members that are as new, but for those that it changes
    one by one, its [points]. Each statement leaves other members that are as new as they are: it is not enough that the
    whole body does, for something between two loops may look. *)
Fixpoint inert_body {X} (b : body X) (points : X -> list named) : Prop :=
  match b with
  | Done => True
  | Then value new rest =>
      inert value /\
      (forall f, inert (new f) /\
        forall R x g look ms m, full R -> family_ok R -> within R ((f, m) :: ms) -> ~ In (f, m) (points x) ->
        as_new f (look f m) -> eval (new f) R x g look ((f, m) :: ms) = look f m) /\
      inert_body rest points
  | Branch c yes no => inert c /\ inert_body yes points /\ inert_body no points
  end.

Lemma unchanged : forall X (new : expr X fields) (points : X -> list named) f, inert new ->
  (forall R x g look ms m, full R -> family_ok R -> within R ((f, m) :: ms) -> ~ In (f, m) (points x) ->
    as_new f (look f m) -> eval new R x g look ((f, m) :: ms) = look f m) ->
  forall R x g look ms m, family_ok R -> within R ((f, m) :: ms) -> ~ In (f, m) (points x) ->
    as_new f (look f m) -> eval new R x g look ((f, m) :: ms) = look f m.
Proof.
  intros X new points f I H R x g look ms m Ok W P A.
  assert (Hm : In m (R f)) by exact (W (f, m) (or_introl eq_refl)).
  rewrite same_if_filled by auto. rewrite H; auto using filled_full, filled_ok, filled_within.
  - apply filled_same; auto.
  - rewrite filled_same; auto.
Qed.

Theorem same_effect : forall X (b : body X) points, inert_body b points ->
  forall known U x ms g look look', (forall f m, look f m = look' f m) ->
  remembers known U look -> within U ms -> (forall n, In n (points x) -> In n ms /\ In (snd n) (known (fst n))) ->
  let kept := run_body b U x ms g look in
  let forgot := run_body b known x ms g look' in
  fst kept = fst forgot /\ (forall f m, snd kept f m = snd forgot f m) /\ remembers known U (snd kept).
Proof.
  induction b as [|value new rest IH|c yes IHy no IHn]; intros points I known U x ms g look look' E Rem W P.
  - cbn. auto.
  - destruct I as (Iv & In_ & Ir). cbn [run_body].
    rewrite (same_value _ _ value Iv known U) by auto.
    rewrite (same_fields _ _ value known x g look look') by auto.
    apply (IH points); auto.
    + (* The fields are the same afterwards. *)
      intros f m. destruct Rem as (Nk & Nu & Inc & New), (In_ f) as [Inf Unch0].
      pose proof (unchanged _ _ points f Inf Unch0) as Unch. unfold changed.
      assert (W' : In m (U f) -> within U ((f, m) :: ms)) by (intros Hm n [<-|Hn]; cbn; auto).
      destruct (in_dec same m (U f)) as [Hu|Hu]; destruct (in_dec same m (known f)) as [Hk|Hk]; auto.
      * rewrite (same_value _ _ _ Inf known U); auto; [|repeat split; auto]. apply same_fields; auto.
      * rewrite Unch; auto. intros Hp. apply P in Hp as [_ Hp]. auto.
      * destruct Hu. apply Inc; auto.
    + (* What is not known is as it was, and so as new. *)
      destruct Rem as (Nk & Nu & Inc & New). repeat split; auto. intros f m Hu Hk. destruct (In_ f) as [Inf Unch0].
      pose proof (unchanged _ _ points f Inf Unch0) as Unch.
      unfold changed. destruct (in_dec same m (U f)) as [_|]; [|contradiction].
      rewrite Unch; auto.
      * intros n [<-|Hn]; cbn; auto.
      * intros Hp. apply P in Hp as [_ Hp]. auto.
  - destruct I as (Ic & Iy & In_). cbn [run_body].
    rewrite (same_value _ _ c Ic known U) by auto. rewrite (same_fields _ _ c known x g look look') by auto.
    destruct (eval c known x g look' ms); [eapply IHy|eapply IHn]; eauto.
Qed.

End Members.

Arguments Local {family member scalars fields X A}.
Arguments Apply {family member scalars fields X A B}.
Arguments All {family member scalars fields X}.
Arguments Any {family member scalars fields X}.
Arguments Total {family member scalars fields X}.
Arguments Done {family member scalars fields X}.
Arguments Then {family member scalars fields X}.
Arguments Branch {family member scalars fields X}.
