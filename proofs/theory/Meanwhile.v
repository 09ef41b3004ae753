(** What happens while work runs that calls the layer below. Rules "apart" and "same_calls".

    A machine makes the calls of an activity when its work ends. The work has made them earlier, one after the other, and
    other steps and other work may have called the same layer in between. Here the layer is called in the order of real
    calls, and the machine goes its own way; it is shown that each real call is legal, that the machine deals with every
    answer to it, and that the two agree again when the work has ended. *)

Require Import List Bool ZArith Lia.
From Quiesce Require Import Contracts.
Import ListNotations.

(** A call with its answer. *)
Definition made (K : contract) : Type := call K * answer K.

Section Exchange.

Variable K : contract.

Definition after_it (e : made K) (k : counts K) : counts K := next (fst e) (snd e) k.
Definition right_here (e : made K) (k : counts K) : Prop := legal (fst e) k /\ allows (fst e) (snd e) k.

Fixpoint after_all (l : list (made K)) (k : counts K) : counts K :=
  match l with [] => k | e :: rest => after_all rest (after_it e k) end.

Fixpoint all_right (l : list (made K)) (k : counts K) : Prop :=
  match l with [] => True | e :: rest => right_here e k /\ all_right rest (after_it e k) end.

(** The order of two calls makes no difference, in any state of the contract. *)
Definition leaves_alone (c d : call K) : Prop := forall z k,
  (legal c (next d z k) <-> legal c k) /\ forall y, (allows c y (next d z k) <-> allows c y k).
Definition exchange (c d : call K) : Prop :=
  leaves_alone c d /\ leaves_alone d c /\ forall y z k, next c y (next d z k) = next d z (next c y k).

Lemma exchange_sym : forall c d, exchange c d -> exchange d c.
Proof. intros c d (A & B & C). repeat split; try apply A; try apply B. intros. symmetry. apply C. Qed.

Definition exchange_all (c : call K) (l : list (made K)) : Prop := forall e, In e l -> exchange c (fst e).

Lemma past_one : forall e f k, exchange (fst e) (fst f) ->
  after_it e (after_it f k) = after_it f (after_it e k) /\
  (right_here e (after_it f k) <-> right_here e k) /\ (right_here f (after_it e k) <-> right_here f k).
Proof.
  intros [c y] [d z] k (A & B & C). unfold right_here, after_it. cbn in *.
  destruct (A z k) as (A1 & A2). destruct (B y k) as (B1 & B2). specialize (A2 y). specialize (B2 z).
  split; [apply C|tauto].
Qed.

Lemma past_all : forall e l k, exchange_all (fst e) l ->
  after_all l (after_it e k) = after_it e (after_all l k) /\
  (all_right l (after_it e k) <-> all_right l k) /\ (right_here e (after_all l k) <-> right_here e k).
Proof.
  intros e. induction l as [|f l IH]; intros k X; cbn.
  - tauto.
  - destruct (past_one e f k) as (E1 & R1 & R2); [apply X; left; auto|].
    destruct (IH (after_it f k)) as (E2 & R3 & R4); [intros g G; apply X; right; auto|].
    rewrite <- E1. rewrite E2. split; auto. tauto.
Qed.

Lemma call_past_all : forall c l k, exchange_all c l -> legal c (after_all l k) <-> legal c k.
Proof.
  intros c. induction l as [|f l IH]; intros k X; cbn; [tauto|].
  rewrite IH; [|intros g G; apply X; right; auto].
  destruct (X f (or_introl eq_refl)) as (A & _). apply A.
Qed.

Lemma answer_past_all : forall c y l k, exchange_all c l -> allows c y (after_all l k) <-> allows c y k.
Proof.
  intros c y. induction l as [|f l IH]; intros k X; cbn; [tauto|].
  rewrite IH; [|intros g G; apply X; right; auto].
  destruct (X f (or_introl eq_refl)) as (A & _). apply A.
Qed.

Lemma lists_past : forall m l k, (forall e, In e m -> exchange_all (fst e) l) ->
  after_all l (after_all m k) = after_all m (after_all l k) /\
  (all_right l (after_all m k) <-> all_right l k) /\ (all_right m (after_all l k) <-> all_right m k).
Proof.
  induction m as [|e m IH]; intros l k X; cbn; [tauto|].
  destruct (IH l (after_it e k)) as (E1 & R1 & R2); [intros f F; apply X; right; auto|].
  destruct (past_all e l k) as (E2 & R3 & R4); [apply X; left; auto|].
  rewrite E1, E2. rewrite E2 in R2. split; auto. tauto.
Qed.

Lemma after_app : forall l m k, after_all (l ++ m) k = after_all m (after_all l k).
Proof. induction l as [|e l IH]; intros m k; cbn; auto. Qed.

Lemma right_app : forall l m k, all_right (l ++ m) k <-> all_right l k /\ all_right m (after_all l k).
Proof. induction l as [|e l IH]; intros m k; cbn; [tauto|]. rewrite IH. tauto. Qed.

End Exchange.

(** * Rule "apart": what the contract says of two calls

    Its variables have values. Each call looks at some, whatever it is given and answered, and changes some. What it
    changes hangs on what it looks at; or it is not looked at, and moved by an amount that hangs on no variable. *)

Section Frames.

Variable K : contract.
Variable name : Type.
Variable value : counts K -> name -> Z.
Hypothesis values_are_all : forall k k', (forall v, value k v = value k' v) -> k = k'.
Variable looks : call K -> name -> bool.
Variable changes : call K -> name -> bool.

Definition alike (c : call K) (k k' : counts K) : Prop := forall v, looks c v = true -> value k v = value k' v.

Hypothesis asks : forall c y k k', alike c k k' -> (allows c y k <-> allows c y k') /\ (assumes c y k <-> assumes c y k').
Hypothesis leaves : forall c y k v, changes c v = false -> value (next c y k) v = value k v.
Hypothesis sets_or_moves : forall c y v, changes c v = true ->
  (looks c v = true /\ forall k k', alike c k k' -> value (next c y k) v = value (next c y k') v) \/
  exists amount, forall k, value (next c y k) v = (value k v + amount)%Z.

Definition order_matters_not (c d : call K) : Prop := forall v,
  (changes c v = true -> looks d v = false) /\ (changes d v = true -> looks c v = false).

Lemma not_seen : forall c d z k, order_matters_not c d -> alike c (next d z k) k.
Proof.
  intros c d z k O v L. apply leaves. destruct (changes d v) eqn:E; auto.
  rewrite (proj2 (O v) E) in L. discriminate.
Qed.

Lemma moved : forall c d y z k v, order_matters_not c d ->
  value (next c y (next d z k)) v = (value (next c y k) v + value (next d z k) v - value k v)%Z.
Proof.
  intros c d y z k v O. destruct (changes c v) eqn:Ec.
  - destruct (sets_or_moves c y v Ec) as [(L & S)|(n & M)].
    + rewrite (S _ _ (not_seen c d z k O)).
      assert (changes d v = false) as Ed.
      { destruct (changes d v) eqn:Ed; auto. rewrite (proj2 (O v) Ed) in L. discriminate. }
      rewrite (leaves d z k v Ed). lia.
    + rewrite !M. lia.
  - rewrite !(leaves c y _ v Ec). lia.
Qed.

Theorem frames_exchange : forall c d, order_matters_not c d -> exchange K c d.
Proof.
  assert (forall c d, order_matters_not c d -> leaves_alone K c d) as A.
  { intros c d O z k. pose proof (not_seen c d z k O) as N. split.
    - split; intros Le y Al; apply (asks c y _ _ N); apply Le; apply (asks c y _ _ N); auto.
    - intros y. apply (asks c y _ _ N). }
  intros c d O. assert (order_matters_not d c) as O' by (intros v; split; apply O).
  split; [|split]; auto. intros y z k. apply values_are_all. intros v. rewrite !moved; auto. lia.
Qed.

End Frames.

(** * Work that runs *)

Section Work.

Variable K : contract.
Variable S : Type.
Variable view : S -> counts K.        (* the layer, as the machine sees it *)
Variable starting : S -> Prop.
Variable work : Type.                 (* an activity, and its member if it has one *)
Variable same_work : forall w v : work, {w = v} + {w <> v}.

(** A step of the machine that is no end of work, with its calls; the end of work, with the calls that it made. *)
Variable step : S -> list (made K) -> S -> Prop.
Variable ends : S -> work -> list (made K) -> S -> Prop.

(** In this state some outcome of the work begins with these calls; and then makes this one, whatever is answered. The
    same of a step that is no end of work: all its calls are made while the machine stands still. *)
Variable begins : S -> work -> list (made K) -> Prop.
Variable asks : S -> work -> list (made K) -> call K -> Prop.
Variable step_begins : S -> list (made K) -> Prop.
Variable step_asks : S -> list (made K) -> call K -> Prop.

Variable known : S -> Prop.
Hypothesis known_start : forall s, starting s -> known s.
Hypothesis known_step : forall s m s', known s -> step s m s' -> known s'.
Hypothesis known_end : forall s w l s', known s -> ends s w l s' -> known s'.

(** The rules "precondition" and "answers_handled", and what a call of the contract means. *)
Hypothesis step_right : forall s m s', known s -> step s m s' ->
  all_right K m (view s) /\ view s' = after_all K m (view s).
Hypothesis end_right : forall s w l s', known s -> ends s w l s' -> view s' = after_all K l (view s).
Hypothesis asks_right : forall s w l c, known s -> begins s w l -> asks s w l c ->
  legal c (after_all K l (view s)) /\
  forall y, allows c y (after_all K l (view s)) -> begins s w (l ++ [(c, y)]).

Hypothesis step_asks_right : forall s m c, known s -> step_begins s m -> step_asks s m c ->
  legal c (after_all K m (view s)) /\
  forall y, allows c y (after_all K m (view s)) -> step_begins s (m ++ [(c, y)]).

(** The rule "same_calls": what some outcome begins with, some outcome does after any step but its own end. *)
Hypothesis same_calls_step : forall s m s' w l, known s -> l <> [] -> step s m s' -> begins s w l -> begins s' w l.
Hypothesis same_calls_end : forall s v m s' w l, known s -> l <> [] -> v <> w ->
  ends s v m s' -> begins s w l -> begins s' w l.

(** The rule "apart": while work runs that makes calls, all calls of others can be exchanged with them. *)
Hypothesis step_is_begun : forall s m s', known s -> step s m s' -> step_begins s m.
Hypothesis apart_step : forall s m w l e, known s -> step_begins s m -> begins s w l -> In e m ->
  exchange_all K (fst e) l.
Hypothesis apart_step_asks : forall s m w l c, known s -> step_begins s m -> step_asks s m c -> begins s w l ->
  exchange_all K c l.
Hypothesis apart_work : forall s w l c v m, known s -> v <> w -> begins s w l -> asks s w l c -> begins s v m ->
  exchange_all K c m.

(** The calls of one piece of work, among all those of work that has not ended, and the calls of all others. *)
Definition is_of (w : work) (p : work * made K) : bool := if same_work (fst p) w then true else false.
Definition own (w : work) (l : list (work * made K)) : list (made K) := map snd (filter (is_of w) l).
Definition others (w : work) (l : list (work * made K)) : list (work * made K) :=
  filter (fun p => negb (is_of w p)) l.

(** What really happens: the machine, the calls that work has made and the machine knows nothing of, and the layer.
    Work that has not called yet may begin to; what it ends with is what it has called. *)
Inductive really : S -> list (work * made K) -> counts K -> Prop :=
| really_starts : forall s, starting s -> really s [] (view s)
| really_steps : forall s l k m s', really s l k -> step s m s' -> really s' l (after_all K m k)
| really_calls : forall s l k w c y, really s l k -> begins s w (own w l) -> asks s w (own w l) c ->
    allows c y k -> really s (l ++ [(w, (c, y))]) (next c y k)
| really_ends : forall s l k w s', really s l k -> ends s w (own w l) s' -> really s' (others w l) k.

Definition all_apart (l : list (work * made K)) : Prop := forall p q, In p l -> In q l -> fst p <> fst q ->
  exchange K (fst (snd p)) (fst (snd q)).

Definition agree (s : S) (l : list (work * made K)) (k : counts K) : Prop :=
  known s /\ k = after_all K (map snd l) (view s) /\ all_right K (map snd l) (view s) /\ all_apart l /\
  forall w, own w l <> [] -> begins s w (own w l).

Lemma in_own : forall w l e, In e (own w l) <-> In (w, e) l.
Proof.
  intros w l e. unfold own. rewrite in_map_iff. split.
  - intros ((v & f) & E & I). apply filter_In in I as (I & O). unfold is_of in O. cbn in *. subst.
    destruct (same_work v w) as [->|]; [auto|discriminate].
  - intros I. exists (w, e). split; auto. apply filter_In. split; auto. unfold is_of. cbn.
    destruct (same_work w w); congruence.
Qed.

Lemma in_others : forall w l p, In p (others w l) <-> In p l /\ fst p <> w.
Proof.
  intros w l p. unfold others. rewrite filter_In. unfold is_of. destruct (same_work (fst p) w); cbn; intuition congruence.
Qed.

(** The calls of one piece of work can be moved before those of all others. *)
Lemma own_first : forall w l k, all_apart l ->
  after_all K (map snd l) k = after_all K (map snd (others w l)) (after_all K (own w l) k) /\
  (all_right K (map snd l) k <->
   all_right K (own w l) k /\ all_right K (map snd (others w l)) (after_all K (own w l) k)).
Proof.
  intros w. induction l as [|(v & e) l IH]; intros k A; cbn; [tauto|].
  assert (all_apart l) as A' by (intros p q P Q; apply A; right; auto).
  unfold own, others, is_of in *. cbn. destruct (same_work v w) as [->|N]; cbn.
  - destruct (IH (after_it K e k) A') as (E & R). rewrite E. split; auto. rewrite R. tauto.
  - destruct (IH (after_it K e k) A') as (E & R).
    set (mine := map snd (filter (fun p => if same_work (fst p) w then true else false) l)) in *.
    assert (exchange_all K (fst e) mine) as X.
    { intros f F. apply (A (v, e) (w, f)); cbn; auto. right. apply (in_own w l f). exact F. }
    destruct (past_all K e mine k X) as (E1 & R1 & R2).
    rewrite E, R, E1. split; auto. tauto.
Qed.

Lemma apart_others : forall w l, all_apart l -> all_apart (others w l).
Proof. intros w l A p q P Q. apply in_others in P as (P & _), Q as (Q & _). auto. Qed.

Lemma own_of_others : forall w v l, v <> w -> own v (others w l) = own v l.
Proof.
  intros w v l N. unfold own, others, is_of. induction l as [|(u & e) l IH]; cbn; auto.
  destruct (same_work u w) as [->|]; cbn; destruct (same_work _ v); cbn; try congruence.
Qed.

Lemma own_of_own : forall w l, own w (others w l) = [].
Proof.
  intros w l. unfold own, others, is_of. induction l as [|(u & e) l IH]; cbn; auto.
  destruct (same_work u w) as [|N]; cbn; auto. destruct (same_work u w); cbn; congruence.
Qed.

Lemma own_app : forall w l m, own w (l ++ m) = own w l ++ own w m.
Proof. intros. unfold own. rewrite filter_app, map_app. auto. Qed.

(** What can be exchanged with all calls that some work makes here can be moved before those that have been made. *)
Lemma apart_from_work : forall s l k c, agree s l k -> (forall w m, begins s w m -> exchange_all K c m) ->
  exchange_all K c (map snd l).
Proof.
  intros s l k c (_ & _ & _ & _ & B) X f F. apply in_map_iff in F as ((w & g) & E & F). cbn in E. subst g.
  assert (In f (own w l)) as O by (apply in_own; auto).
  assert (own w l <> []) as Ne by (intros Z; rewrite Z in O; destruct O).
  apply (X w (own w l) (B w Ne)). auto.
Qed.

Lemma steps_apart : forall s l k m, agree s l k -> step_begins s m -> forall e, In e m ->
  exchange_all K (fst e) (map snd l).
Proof.
  intros s l k m Ag St e I. apply (apart_from_work s l k); auto. intros w n Be.
  destruct Ag as (Kn & _). eauto.
Qed.

Lemma asked_apart : forall s l k w c, agree s l k -> begins s w (own w l) -> asks s w (own w l) c ->
  exchange_all K c (map snd (others w l)).
Proof.
  intros s l k w c (Kn & _ & _ & _ & B) Be As f F. apply in_map_iff in F as ((v & g) & E & F). cbn in E. subst g.
  apply in_others in F as (F & N). cbn in N.
  assert (In f (own v l)) as O by (apply in_own; auto).
  assert (own v l <> []) as Ne by (intros Z; rewrite Z in O; destruct O).
  apply (apart_work s w (own w l) c v (own v l) Kn N Be As (B v Ne)). auto.
Qed.

Lemma called : forall s l k w c, agree s l k -> begins s w (own w l) -> asks s w (own w l) c ->
  legal c k /\ forall y, allows c y k -> begins s w (own w l ++ [(c, y)]).
Proof.
  intros s l k w c Ag Be As. pose proof (asked_apart s l k w c Ag Be As) as X.
  destruct Ag as (Kn & -> & _ & A & _). destruct (asks_right s w (own w l) c Kn Be As) as (Le & Ha).
  destruct (own_first w l (view s) A) as (E & _). rewrite E. split.
  - apply call_past_all; auto.
  - intros y Al. apply Ha. apply answer_past_all in Al; auto.
Qed.

Theorem always_agree : forall s l k, really s l k -> agree s l k.
Proof.
  induction 1 as [s H|s l k m s' _ IH St|s l k w c y _ IH Be As Al|s l k w s' _ IH En].
  - split; [auto|]. split; [auto|]. split; [exact I|]. split; [intros p q []|]. intros w N. destruct (N eq_refl).
  - assert (step_begins s m) as Sb by (destruct IH as (Kn & _); eauto).
    pose proof (steps_apart s l k m IH Sb) as X. destruct IH as (Kn & -> & R & A & B).
    destruct (step_right s m s' Kn St) as (Rm & V). unfold agree. rewrite V. destruct (lists_past K m (map snd l) (view s) X) as (E & R1 & R2).
    split; [eauto|]. split; [auto|]. split; [apply R1; auto|]. split; [auto|].
    intros w Ne. eapply same_calls_step; eauto.
  - pose proof (asked_apart s l k w c IH Be As) as X. pose proof (called s l k w c IH Be As) as (Le & Ha).
    destruct IH as (Kn & E & R & A & B). split; [auto|]. split; [|split; [|split]].
    + rewrite map_app, after_app, <- E. auto.
    + rewrite map_app. apply right_app. split; auto. cbn. rewrite <- E. repeat split; auto.
    + intros p q P Q N. apply in_app_iff in P as [P|[<-|[]]], Q as [Q|[<-|[]]]; cbn in *; auto; try congruence.
      * apply exchange_sym. apply X. apply in_map. apply in_others. split; auto.
      * apply X. apply in_map. apply in_others. split; auto.
    + intros v Ne. rewrite own_app in *. unfold own at 2 in Ne. unfold own at 2. unfold is_of in *. cbn in *.
      destruct (same_work w v) as [<-|N]; cbn in *; auto. rewrite app_nil_r in *. auto.
  - destruct IH as (Kn & -> & R & A & B). unfold agree. rewrite (end_right s w _ s' Kn En).
    destruct (own_first w l (view s) A) as (E & R1). split; [|split; [|split; [|split]]].
    + eauto.
    + auto.
    + apply R1; auto.
    + apply apart_others; auto.
    + intros v Ne. destruct (same_work v w) as [->|N]; [rewrite own_of_own in Ne; congruence|].
      rewrite own_of_others in *; auto. eapply same_calls_end; eauto.
Qed.

(** Rules "apart" and "same_calls": whatever work runs, each call of work is legal for the layer as it really is, and the
    machine deals with whatever is answered; and so it is with the calls of each step. *)
Theorem work_calls_rightly : forall s l k w c, really s l k -> begins s w (own w l) -> asks s w (own w l) c ->
  legal c k /\ forall y, allows c y k -> begins s w (own w l ++ [(c, y)]).
Proof. intros s l k w c H. apply called. apply always_agree. auto. Qed.

Theorem steps_call_rightly : forall s l k m c, really s l k -> step_begins s m -> step_asks s m c ->
  legal c (after_all K m k) /\ forall y, allows c y (after_all K m k) -> step_begins s (m ++ [(c, y)]).
Proof.
  intros s l k m c H Be As. apply always_agree in H. pose proof (steps_apart s l k m H Be) as X.
  assert (exchange_all K c (map snd l)) as Xc.
  { apply (apart_from_work s l k); auto. intros w n B. destruct H as (Kn & _). eauto. }
  destruct H as (Kn & -> & _). destruct (lists_past K m (map snd l) (view s) X) as (E & _). rewrite <- E.
  destruct (step_asks_right s m c Kn Be As) as (Le & Ha). split.
  - apply call_past_all; auto.
  - intros y Al. apply Ha. apply answer_past_all in Al; auto.
Qed.

(** Where no work is under way that has called, the machine sees the layer as it is. *)
Theorem agrees_at_rest : forall s k, really s [] k -> k = view s.
Proof. intros s k H. apply always_agree in H as (_ & E & _). auto. Qed.

End Work.
