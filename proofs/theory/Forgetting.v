(** The machine that keeps all members, and the program that forgets those which are as new. Rule "forgettable".

    Both do the same, step by step, in both directions, if members that are as new make no difference to any action.
    What is proved of the machine then holds of the program: claims, ways to a goal, and waits that end. *)

Require Import List Bool ZArith Lia.
From Quiesce Require Import Transitions Recovery Waiting Families.
Import ListNotations.

Section Forgetting.

Variable family : Type.
Variable same_family : forall f g : family, {f = g} + {f <> g}.
Variable member : Type.
Variable same : forall m n : member, {m = n} + {m <> n}.
Variable scalars : Type.
Variable fields : Type.
Variable default : family -> fields.
Variable as_new : family -> fields -> Prop.
Hypothesis default_as_new : forall f, as_new f (default f).
Variable spare : member.

Notation named := (named family member).
Notation range := (range family member).
Notation lookup := (lookup family member fields).
Notation expr := (expr family member scalars fields).
Notation body := (body family member scalars fields).
Notation family_ok := (family_ok family member).
Notation within := (within family member).
Notation inert := (inert family member scalars fields as_new).
Notation inert_body := (inert_body family member scalars fields as_new).
Notation remembers := (remembers family member fields as_new).
Notation eval := (eval family member scalars fields).
Notation run_body := (run_body family member same scalars fields).
Let same_value := same_value family member same scalars fields default as_new default_as_new spare.
Let same_fields := same_fields family member scalars fields.
Let same_effect := same_effect family member same scalars fields default as_new default_as_new spare.

Variable act : Type.
Variable input : act -> Type.  (* scalar arguments, and which members are given *)
Variable names : forall a, input a -> list named.
Variable points : forall a, input a -> list named.
Hypothesis points_named : forall a x n, In n (points a x) -> In n (names a x).

(** The whole guard of an action: that arguments are of their types, what code checks, and what is assumed. *)
Variable when : forall a, expr (input a) bool.
Variable does : forall a, body (input a).
Hypothesis when_inert : forall a, inert (when a).
Hypothesis does_inert : forall a, inert_body (does a) (points a).

Variable start : scalars -> Prop.  (* under each choice of policies *)
(** All members that there are, of any number; and the members that can ever be named. *)
Variable U : range.
Hypothesis U_ok : family_ok U.

Definition keeping_over (R : range) : machine := {|
  state := scalars * lookup;
  action := act;
  argument := input;
  initial := fun s => start (fst s) /\ forall f m, snd s f m = default f;
  guard := fun a x s => within R (names a x) /\ eval (when a) R x (fst s) (snd s) (names a x) = true;
  effect := fun a x s => run_body (does a) R x (names a x) (fst s) (snd s)
|}.

Definition keeping : machine := keeping_over U.

(** Comes to know members that are changed one by one. *)
Fixpoint adding (ps : list named) (known : range) : range :=
  match ps with
  | [] => known
  | (f, m) :: rest =>
      let more := adding rest known in
      fun g => if same_family f g then (if in_dec same m (more g) then more g else m :: more g) else more g
  end.

Record memory := Memory { of_scalars : scalars; of_members : lookup; known : range }.

(** What is still known after a step: at the program's choice, as long as whatever it leaves out is as new. *)
Variable still_known : forall a, input a -> memory -> range.
Hypothesis forgets_rightly : forall a x s,
  family_ok (still_known a x s) /\
  (forall f, incl (still_known a x s f) (known s f)) /\
  forall f m, In m (known s f) -> ~ In m (still_known a x s f) -> as_new f (of_members s f m).

Definition after_body (a : act) (x : input a) (s : memory) : memory :=
  let more := adding (points a x) (known s) in
  let '(g, look) := run_body (does a) more x (names a x) (of_scalars s) (of_members s) in
  Memory g look more.

(** It begins with any members that are as new already known, or with none. *)
Definition forgetting : machine := {|
  state := memory;
  action := act;
  argument := input;
  initial := fun s => start (of_scalars s) /\ (forall f m, of_members s f m = default f)
    /\ family_ok (known s) /\ forall f, incl (known s f) (U f);
  guard := fun a x s =>
    within U (names a x) /\ eval (when a) (known s) x (of_scalars s) (of_members s) (names a x) = true;
  effect := fun a x s =>
    let t := after_body a x s in Memory (of_scalars t) (of_members t) (still_known a x t)
|}.

Definition alike (s : state keeping) (t : state forgetting) : Prop :=
  fst s = of_scalars t /\ (forall f m, snd s f m = of_members t f m) /\ remembers (known t) U (snd s).

Lemma adding_ok : forall ps R, family_ok R -> family_ok (adding ps R).
Proof.
  induction ps as [|[f m] ps IH]; intros R H g; cbn; auto.
  destruct (same_family f g); [|apply IH; auto]. destruct (in_dec same m (adding ps R g)); [apply IH; auto|].
  constructor; auto. apply IH; auto.
Qed.

Lemma adding_more : forall ps R f, incl (R f) (adding ps R f).
Proof.
  induction ps as [|[g m] ps IH]; intros R f k H; cbn; auto.
  destruct (same_family g f); [|apply IH; auto]. destruct (in_dec same m (adding ps R f)); [apply IH; auto|].
  right. apply IH; auto.
Qed.

Lemma adding_points : forall ps R n, In n ps -> In (snd n) (adding ps R (fst n)).
Proof.
  induction ps as [|[f m] ps IH]; intros R n H; [destruct H|]. cbn. destruct H as [<-|H]; cbn.
  - destruct (same_family f f); [|congruence]. destruct (in_dec same m (adding ps R f)); cbn; auto.
  - destruct (same_family f (fst n)); [|apply IH; auto].
    destruct (in_dec same m (adding ps R (fst n))); [|right]; apply IH; auto.
Qed.

Lemma adding_within : forall ps R, within U ps -> (forall f, incl (R f) (U f)) -> forall f, incl (adding ps R f) (U f).
Proof.
  induction ps as [|[f m] ps IH]; intros R W I g k H; cbn in H; [apply I; auto|].
  assert (W' : within U ps) by (intros n Hn; apply W; right; auto).
  destruct (same_family f g) as [->|]; [|eapply IH; eauto].
  destruct (in_dec same m (adding ps R g)); [eapply IH; eauto|].
  destruct H as [<-|H]; [exact (W (g, m) (or_introl eq_refl))|eapply IH; eauto].
Qed.

(** The same actions can happen, with the same arguments. *)
Theorem same_guard : forall s t, alike s t -> forall a x, guard (m := keeping) a x s <-> guard (m := forgetting) a x t.
Proof.
  intros s t (G & L & Rem) a x. cbn. split; intros [W E]; split; auto.
  - rewrite (same_value _ _ _ (when_inert a) (known t) U) in E by auto.
    rewrite <- G, <- (same_fields _ _ _ _ _ _ (snd s)); auto.
  - rewrite (same_value _ _ _ (when_inert a) (known t) U) by auto.
    rewrite G, (same_fields _ _ _ _ _ _ _ (of_members t)); auto.
Qed.

(** And they do the same. *)
Theorem same_step : forall s t, alike s t -> forall a x, within U (names a x) ->
  alike (effect (m := keeping) a x s) (effect (m := forgetting) a x t).
Proof.
  intros s t (G & L & Rem) a x W. cbn. unfold after_body.
  assert (Wp : within U (points a x)) by (intros n Hn; apply W, points_named; auto).
  assert (Rem' : remembers (adding (points a x) (known t)) U (snd s)).
  { destruct Rem as (Nk & Nu & Inc & New). repeat split; auto.
    - apply adding_ok; auto.
    - apply adding_within; auto.
    - intros f m Hu Hk. apply New; auto. intros H. apply Hk, adding_more; auto. }
  pose proof (same_effect _ (does a) (points a) (does_inert a) _ U x (names a x) (fst s) (snd s) (of_members t) L Rem' W
    (fun n Hn => conj (points_named a x n Hn) (adding_points _ _ n Hn))) as (E1 & E2 & E3).
  rewrite <- G. cbv zeta in *.
  destruct (run_body (does a) (adding (points a x) (known t)) x (names a x) (fst s) (of_members t)) as [g look] eqn:Er.
  cbn in *. split; auto. split; auto.
  set (m' := Memory g look (adding (points a x) (known t))).
  destruct (forgets_rightly a x m') as (F1 & F2 & F3). destruct E3 as (Nk & Nu & Inc & New).
  repeat split; auto.
  - intros f k H. apply Inc, (F2 f k H).
  - intros f k Hu Hk. destruct (in_dec same k (adding (points a x) (known t) f)) as [K|K]; auto.
    rewrite E2. exact (F3 f k K Hk).
Qed.

Theorem same_start : forall t, initial forgetting t -> exists s, initial keeping s /\ alike s t.
Proof.
  intros t (S & D & N & I). exists (of_scalars t, of_members t). split; [split; auto|].
  split; auto. split; auto. split; auto. split; auto. split; auto.
  intros f m _ _. cbn. rewrite D. auto.
Qed.

Theorem same_start_back : forall s, initial keeping s -> exists t, initial forgetting t /\ alike s t.
Proof.
  intros [g look] (S & D). exists (Memory g look (fun _ => [])). cbn in *.
  assert (N : family_ok (fun _ => [])) by (intros f; constructor).
  assert (I : forall f, incl (@nil member) (U f)) by (intros f k []).
  split; auto. split; auto. split; auto. split; auto. split; auto. split; auto.
  intros f m _ _. cbn. rewrite D. auto.
Qed.

(** Rule "forgettable": each machine does what the other does. From states that are alike, the same actions can happen
    with the same arguments, and lead to states that are alike; and the starts are alike. *)
Theorem forgettable :
  (forall s, initial keeping s -> exists t, initial forgetting t /\ alike s t) /\
  (forall t, initial forgetting t -> exists s, initial keeping s /\ alike s t) /\
  (forall s t, alike s t -> forall a x,
    (guard (m := keeping) a x s <-> guard (m := forgetting) a x t) /\
    (guard (m := keeping) a x s -> alike (effect (m := keeping) a x s) (effect (m := forgetting) a x t))).
Proof.
  split; [exact same_start_back|]. split; [exact same_start|]. intros s t A a x. split; [apply same_guard; auto|].
  intros [W _]. apply same_step; auto.
Qed.

(** * What follows for promises, ways, waits and fairness *)

Lemma leads_forth : forall s s', leads (M := keeping) s s' -> forall t, alike s t ->
  exists t', leads (M := forgetting) t t' /\ alike s' t'.
Proof.
  induction 1 as [s|s s1 s2 (a & x & G & ->) _ IH]; intros t A.
  - exists t. split; auto. constructor.
  - destruct (IH _ (same_step s t A a x (proj1 G))) as (t' & L & A').
    exists t'. split; auto. econstructor; eauto. exists a, x. split; auto. apply (same_guard s); auto.
Qed.

Lemma leads_back : forall t t', leads (M := forgetting) t t' -> forall s, alike s t ->
  exists s', leads (M := keeping) s s' /\ alike s' t'.
Proof.
  induction 1 as [t|t t1 t2 (a & x & G & ->) _ IH]; intros s A.
  - exists s. split; auto. constructor.
  - assert (Gk : guard (m := keeping) a x s) by (apply (same_guard s t); auto).
    destruct (IH _ (same_step s t A a x (proj1 Gk))) as (s' & L & A').
    exists s'. split; auto. econstructor; eauto. exists a, x. auto.
Qed.

Lemma reached_alike : forall t, reachable (M := forgetting) t -> exists s, reachable (M := keeping) s /\ alike s t.
Proof.
  intros t (t0 & I & L). destruct (same_start t0 I) as (s0 & I' & A).
  destruct (leads_back _ _ L _ A) as (s & L' & A'). exists s. split; auto. exists s0. auto.
Qed.

(** A claim of the machine as the program sees it: about the members that it knows. *)
Definition holds_keeping (claim : expr unit bool) (s : state keeping) : bool := eval claim U tt (fst s) (snd s) [].
Definition holds_forgetting (claim : expr unit bool) (t : state forgetting) : bool :=
  eval claim (known t) tt (of_scalars t) (of_members t) [].

(** This takes that members which are as new make no difference to the claim itself, and it has to be asked of claims as
    it is of actions. *)
Theorem same_claim : forall claim, inert claim ->
  forall s t, alike s t -> holds_keeping claim s = holds_forgetting claim t.
Proof.
  intros c I s t (G & L & Rem). unfold holds_keeping, holds_forgetting.
  rewrite (same_value _ _ c I (known t) U), G by (auto; intros n []). apply same_fields; auto.
Qed.

Theorem invariant_when_forgetting : forall claim, inert claim ->
  (forall s, reachable (M := keeping) s -> holds_keeping claim s = true) ->
  forall t, reachable (M := forgetting) t -> holds_forgetting claim t = true.
Proof.
  intros c I H t R. destruct (reached_alike t R) as (s & Rs & A). rewrite <- (same_claim c I s t A). auto.
Qed.

Theorem recoverable_when_forgetting : forall goal, inert goal ->
  recoverable keeping (holds_keeping goal) -> recoverable forgetting (holds_forgetting goal).
Proof.
  intros c I H t R. destruct (reached_alike t R) as (s & Rs & A). destruct (H s Rs) as (s' & L & G).
  destruct (leads_forth s s' L t A) as (t' & L' & A'). exists t'. split; auto.
  rewrite <- (same_claim c I s' t' A'). auto.
Qed.

(** Each infinite run of the program is one of the machine, with the same things happening, and as fair. *)
Fixpoint replayed (r : run forgetting) (s0 : state keeping) (n : nat) : state keeping :=
  match n with
  | O => s0
  | S k =>
      match happens forgetting r k with
      | Some (existT _ a x) => effect (m := keeping) a x (replayed r s0 k)
      | None => replayed r s0 k
      end
  end.

Theorem same_runs : forall r : run forgetting, exists r' : run keeping,
  (forall n, happens keeping r' n = happens forgetting r n) /\
  (forall n, alike (states keeping r' n) (states forgetting r n)).
Proof.
  intros r. destruct (same_start _ (run_starts forgetting r)) as (s0 & I & A).
  assert (B : forall n, alike (replayed r s0 n) (states forgetting r n)).
  { induction n as [|n IH]; cbn; auto. pose proof (run_goes_on forgetting r n) as G.
    destruct (happens forgetting r n) as [[a x]|].
    - destruct G as [[W G] ->]. apply same_step; auto.
    - rewrite G. auto. }
  assert (G : forall n, match happens forgetting r n with
    | Some (existT _ a x) =>
        guard (m := keeping) a x (replayed r s0 n) /\ replayed r s0 (S n) = effect (m := keeping) a x (replayed r s0 n)
    | None => replayed r s0 (S n) = replayed r s0 n end).
  { intros n. pose proof (run_goes_on forgetting r n) as G. cbn [replayed].
    destruct (happens forgetting r n) as [[a x]|]; auto. split; auto. apply (same_guard _ _ (B n)). apply G. }
  exists (Run keeping (replayed r s0) (happens forgetting r) I G). cbn. auto.
Qed.

Variable fair : act -> bool.

Theorem same_possible : forall s t, alike s t -> (possible keeping fair s <-> possible forgetting fair t).
Proof.
  intros s t A. split; intros (a & x & F & G); exists a, x; split; auto; apply (same_guard s t A); auto.
Qed.

Theorem wait_ends_when_forgetting : forall trigger goal, inert trigger -> inert goal ->
  (forall r, fair_run keeping fair r -> forall n, holds_keeping trigger (states keeping r n) = true ->
    exists m, n <= m /\ holds_keeping goal (states keeping r m) = true) ->
  forall r, fair_run forgetting fair r -> forall n, holds_forgetting trigger (states forgetting r n) = true ->
    exists m, n <= m /\ holds_forgetting goal (states forgetting r m) = true.
Proof.
  intros trigger goal It Ig H r F n T. destruct (same_runs r) as (r' & E & A).
  destruct (H r') with (n := n) as (m & L & G).
  - intros k. destruct (F k) as (m & L & D). exists m. split; auto. destruct D as [D|D].
    + left. rewrite E. auto.
    + right. intros P. apply D. apply (same_possible _ _ (A m)); auto.
  - rewrite (same_claim trigger It _ _ (A n)). auto.
  - exists m. split; auto. rewrite <- (same_claim goal Ig _ _ (A m)). auto.
Qed.

(** * Families with no members

    A solver takes it that each family has a member. What it shows then says nothing of families without one. But if
    members that are as new make no difference, to actions and to the claim itself, it holds of those as well: a member
    that nobody uses may be added in thought. *)

Variable fewer : range.
Hypothesis fewer_ok : family_ok fewer.
Hypothesis fewer_in : forall f, incl (fewer f) (U f).

Definition holds_over (R : range) (claim : expr unit bool) (s : scalars * lookup) : bool :=
  eval claim R tt (fst s) (snd s) [].

Definition alike_but_fewer (s : state (keeping_over fewer)) (s' : state keeping) : Prop :=
  fst s' = fst s /\ (forall f m, snd s' f m = snd s f m) /\ remembers fewer U (snd s').

Lemma reached_with_fewer : forall s, reachable (M := keeping_over fewer) s ->
  exists s', reachable (M := keeping) s' /\ alike_but_fewer s s'.
Proof.
  apply reachable_ind.
  - intros [g look] (S & D). exists (g, look). split; [apply reachable_start; split; auto|].
    repeat split; auto. intros f m _ _. cbn in *. rewrite D. auto.
  - intros s a x _ (s' & R' & G & L & Rem) (W & E). cbn [guard keeping_over] in W, E.
    assert (Wu : within U (names a x)) by (intros n Hn; apply fewer_in, W; auto).
    exists (effect (m := keeping) a x s'). split.
    + apply reachable_step; auto. split; auto.
      rewrite (same_value _ _ _ (when_inert a) fewer U) by auto. rewrite G.
      rewrite (same_fields _ _ _ _ _ _ _ (snd s)); auto.
    + pose proof (same_effect _ (does a) (points a) (does_inert a) fewer U x (names a x) (fst s') (snd s') (snd s)
        L Rem Wu (fun n Hn => conj (points_named a x n Hn) (W n (points_named a x n Hn)))) as (E1 & E2 & E3).
      cbn. rewrite <- G. split; auto.
Qed.

Theorem holds_with_fewer : forall claim, inert claim ->
  (forall s, reachable (M := keeping) s -> holds_over U claim s = true) ->
  forall s, reachable (M := keeping_over fewer) s -> holds_over fewer claim s = true.
Proof.
  intros c I H s R. destruct (reached_with_fewer s R) as (s' & R' & G & L & Rem).
  specialize (H s' R'). unfold holds_over in *.
  rewrite (same_value _ _ c I fewer U) in H by (auto; intros n []).
  rewrite <- G, <- (same_fields _ _ c _ _ _ (snd s')); auto.
Qed.

End Forgetting.

(** An invariant that is shown for families with a member each holds for all families, with no members too, if members
    that are as new make no difference to it, nor to any action. *)
Theorem none_included :
  forall (family member scalars fields : Type)
    (same : forall m n : member, {m = n} + {m <> n})
    (default : family -> fields) (as_new : family -> fields -> Prop), (forall f, as_new f (default f)) ->
  forall (spare : member)
    (act : Type) (input : act -> Type) (names points : forall a, input a -> list (named family member)),
  (forall a x n, In n (points a x) -> In n (names a x)) ->
  forall (when : forall a, expr family member scalars fields (input a) bool)
    (does : forall a, body family member scalars fields (input a)),
  (forall a, inert family member scalars fields as_new (when a)) ->
  (forall a, inert_body family member scalars fields as_new (does a) (points a)) ->
  forall start : scalars -> Prop,
  forall claim, inert family member scalars fields as_new claim ->
  let always R := forall s,
    reachable (M := keeping_over family member same scalars fields default act input names when does start R) s ->
    holds_over family member scalars fields R claim s = true in
  (forall R, family_ok family member R -> full family member R -> always R) ->
  forall R, family_ok family member R -> always R.
Proof.
  intros family member scalars fields same default as_new Dn spare act input names points Pn when does Iw Ib start
    claim Ic always H R Rok s Rs.
  eapply (holds_with_fewer family member same scalars fields default as_new Dn spare act input names points Pn when does
    Iw Ib start (filled family member spare R)); eauto using filled_ok.
  - intros f. apply filled_more.
  - apply H; auto using filled_ok, filled_full.
Qed.
