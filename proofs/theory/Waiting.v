(** Waits that end. Rules "wait_possible" and "wait_progress".

    Runs are infinite here; where nothing happens, they stutter. *)

Require Import List ZArith Lia Wellfounded Arith.
From Quiesce Require Import Transitions Ranks.

Section Waits.

Variable M : machine.

(** An action with its arguments. *)
Definition occurrence := { a : action M & argument M a }.

(** An infinite run: its states, and what happens in each of them, if anything. *)
Record run := Run {
  states : nat -> state M;
  happens : nat -> option occurrence;
  run_starts : initial M (states 0);
  run_goes_on : forall n,
    match happens n with
    | Some (existT _ a x) => guard a x (states n) /\ states (S n) = effect a x (states n)
    | None => states (S n) = states n
    end
}.

Variable fair : action M -> bool.

(** Some fair action can happen, with some arguments. *)
Definition possible (s : state M) : Prop := exists a x, fair a = true /\ guard (m := M) a x s.

Definition is_fair (o : option occurrence) : Prop :=
  match o with Some (existT _ a _) => fair a = true | None => False end.

(** Weak fairness of the whole set: again and again, either some fair action happens, or none can happen. It does not
    matter which of them it is, and with which arguments: another one each time, if need be. *)
Definition fair_run (r : run) : Prop :=
  forall n, exists m, n <= m /\ (is_fair (happens r m) \/ ~ possible (states r m)).

(** The same in the words of the spec language: as long as some fair action stays possible, one of them eventually
    happens. *)
Definition fair_in_words (r : run) : Prop :=
  forall n, (forall m, n <= m -> possible (states r m)) -> exists m, n <= m /\ is_fair (happens r m).

(** The first says as much as the second; with excluded middle, which nothing else here needs, also the other way
    round. *)
Lemma fair_run_in_words : forall r, fair_run r -> fair_in_words r.
Proof. intros r F n P. destruct (F n) as (m & L & [H|H]); eauto. destruct H; auto. Qed.

Lemma in_words_fair_run : (forall P : Prop, P \/ ~ P) -> forall r, fair_in_words r -> fair_run r.
Proof.
  intros EM r F n.
  destruct (EM (exists m, n <= m /\ ~ possible (states r m))) as [(m & L & H)|H]; eauto.
  destruct (F n) as (m & L & H'); eauto.
  intros m L. destruct (EM (possible (states r m))) as [P|P]; auto. destruct H. eauto.
Qed.

Lemma run_reachable : forall (r : run) n, reachable (states r n).
Proof.
  intros r. induction n as [|n IH]; [apply reachable_start, run_starts|].
  pose proof (run_goes_on r n) as H. destruct (happens r n) as [[a x]|].
  - destruct H as [G ->]. apply reachable_step; auto.
  - rewrite H. auto.
Qed.

Variable moves : action M -> bool.
Hypothesis still : forall a x s, moves a = false -> effect a x s = s.

(** The fair actions are such as can change something. A refusal that counts as fair could happen for ever. *)
Hypothesis fair_moves : forall a, fair a = true -> moves a = true.

Variable known : state M -> Prop.
Hypothesis known_right : forall s : state M, reachable s -> known s.

(** The wait: where it goes on, and where it is over. It may be about certain arguments, those of a blocked caller,
    which stay the same: the theorem is then about each choice of them. Whatever is taken to hold of them while the
    wait goes on is a part of [waiting], and has to be kept by each step; only what does not depend on the state, such
    as the range of a number, is kept for nothing. *)
Variable waiting : state M -> Prop.
Variable reached : state M -> bool.

Variable rank : state M -> list Z.
Variable parts : nat.
Hypothesis rank_parts : forall s, length (rank s) = parts.
Hypothesis rank_natural : forall s, known s -> natural (rank s).

Definition ends_eventually (r : run) : Prop :=
  forall n, waiting (states r n) -> exists m, n <= m /\ reached (states r m) = true.

(** While the wait goes on, some fair action can happen (rule "wait_possible"). Each step ends the wait, or keeps it
    without raising the rank; each fair action ends it or lowers the rank (rule "wait_progress"). Then in every fair run
    each wait comes to an end. *)
Theorem wait_ends :
  (forall s, known s -> waiting s -> possible s) ->
  (forall s a x, known s -> waiting s -> moves a = true -> guard a x s ->
    reached (effect a x s) = true \/
    (waiting (effect a x s) /\
     if fair a then lower (rank (effect a x s)) (rank s) else not_higher (rank (effect a x s)) (rank s))) ->
  forall r, fair_run r -> ends_eventually r.
Proof.
  intros P K r F n. pose proof (run_reachable r) as R.
  remember (rank (states r n)) as k eqn:E. revert n E.
  induction k as [k IH] using (well_founded_induction (ranks_end parts)). intros n E W.
  (* One step of the run while waiting. *)
  assert (One : forall j, waiting (states r j) ->
    reached (states r (S j)) = true \/
    (waiting (states r (S j)) /\ not_higher (rank (states r (S j))) (rank (states r j)) /\
     (is_fair (happens r j) -> lower (rank (states r (S j))) (rank (states r j))))).
  { intros j Wj. pose proof (run_goes_on r j) as G. destruct (happens r j) as [[a x]|].
    - destruct G as [G ->]. destruct (moves a) eqn:Ma.
      + destruct (K _ a x (known_right _ (R j)) Wj Ma G) as [D|[D H]]; auto.
        right. destruct (fair a) eqn:Fa; cbn; repeat split; auto; try congruence.
        clear - H. revert H. generalize (rank (effect a x (states r j))) (rank (states r j)).
        induction l as [|p l IHl]; intros [|q m]; cbn; try tauto. intuition.
      + rewrite still by auto. right. split; auto. split; [apply not_higher_refl|].
        cbn. intros Fa. rewrite (fair_moves a Fa) in Ma. discriminate.
    - rewrite G. right. split; auto. split; [apply not_higher_refl|]. intros []. }
  (* Up to some later state, the wait ends or goes on. *)
  assert (Many : forall d, (exists m, n <= m /\ reached (states r m) = true) \/
    (waiting (states r (n + d)) /\ not_higher (rank (states r (n + d))) k)).
  { induction d as [|d [D|[Wd Nd]]]; auto.
    - right. rewrite Nat.add_0_r, E. split; auto. apply not_higher_refl.
    - rewrite Nat.add_succ_r. destruct (One _ Wd) as [D|(D & H & _)].
      + left. exists (S (n + d)). split; auto with arith.
      + right. split; auto. eapply not_higher_trans; eauto. }
  destruct (F n) as (m & L & H). destruct (Many (m - n)) as [D|[Wm Nm]]; auto.
  replace (n + (m - n)) with m in * by lia. destruct H as [H|H].
  - destruct (One m Wm) as [D|(D & _ & Lo)].
    + exists (S m). split; auto.
    + assert (Fall : falls parts (rank (states r (S m))) k).
      { subst k. repeat split; auto. eapply lower_trans; eauto. }
      destruct (IH _ Fall (S m) eq_refl D) as (j & Lj & Rj). exists j. split; auto. lia.
  - destruct H. apply P; auto.
Qed.

(** A promise that one thing leads to another: the wait goes on where the trigger held and the goal does not hold. *)
Theorem leads_to : forall trigger : state M -> Prop,
  (forall s, trigger s -> reached s = false -> waiting s) ->
  (forall s, known s -> waiting s -> possible s) ->
  (forall s a x, known s -> waiting s -> moves a = true -> guard a x s ->
    reached (effect a x s) = true \/
    (waiting (effect a x s) /\
     if fair a then lower (rank (effect a x s)) (rank s) else not_higher (rank (effect a x s)) (rank s))) ->
  forall r, fair_run r -> forall n, trigger (states r n) -> exists m, n <= m /\ reached (states r m) = true.
Proof.
  intros trigger T P K r F n H. destruct (reached (states r n)) eqn:G; eauto.
  eapply wait_ends; eauto.
Qed.

End Waits.
