(** Members that are there. A way for solvers to speak of families that may be empty.

    A solver takes it that each sort has an element. If every member carries a mark that it is there, a quantifier asks
    of marked members only, a total counts only these, and arguments are marked, then what a solver shows of sorts with
    an element holds of families of any size, none included: the marked elements are the members. Nothing has to be
    known of the claim; compare [Forgetting.none_included], which needs no marks, but a claim that is inert. *)

Require Import List Bool ZArith Lia.
From Quiesce Require Import Sums Families.
Import ListNotations.

Section Presence.

Variables family member scalars fields : Type.

Notation expr := (expr family member scalars).
Notation eval := (eval family member scalars).

(** The fields of an element, with its mark. *)
Definition marked : Type := bool * fields.

Definition bound_is_there {X} : expr marked X bool :=
  Local (fun _ _ _ fs => match fs with (there, _) :: _ => there | [] => false end).

(** The same expression about marked elements. *)
Fixpoint about_those_there {X A} (e : expr fields X A) : expr marked X A :=
  match e in Families.expr _ _ _ _ _ A return expr marked X A with
  | Local read => Local (fun x g ms fs => read x g ms (map snd fs))
  | Apply f a => Apply (about_those_there f) (about_those_there a)
  | All f body =>
      All f (Apply (Apply (Local (fun _ _ _ _ => implb)) bound_is_there) (about_those_there body))
  | Any f body =>
      Any f (Apply (Apply (Local (fun _ _ _ _ => andb)) bound_is_there) (about_those_there body))
  | Total f term =>
      Total f (Apply (Apply (Local (fun _ _ _ _ there n => if there : bool then n else 0%Z)) bound_is_there)
        (about_those_there term))
  end.

Variable elements : family -> list member.
Variable there : family -> member -> bool.

Definition members (f : family) : list member := filter (there f) (elements f).

Definition with_marks (look : family -> member -> fields) (f : family) (m : member) : marked := (there f m, look f m).

Theorem same_about_those_there : forall X A (e : expr fields X A) x g look ms,
  eval marked (about_those_there e) elements x g (with_marks look) ms = eval fields e members x g look ms.
Proof.
  induction e as [A read|A B e1 IH1 e2 IH2|f e IH|f e IH|f e IH]; intros x g look ms; cbn.
  - rewrite map_map. reflexivity.
  - rewrite IH1, IH2. reflexivity.
  - unfold members. induction (elements f) as [|m l IHl]; cbn; auto.
    rewrite IHl, IH. destruct (there f m); reflexivity.
  - unfold members. induction (elements f) as [|m l IHl]; cbn; auto.
    rewrite IHl, IH. destruct (there f m); reflexivity.
  - unfold members. induction (elements f) as [|m l IHl]; cbn; auto.
    rewrite IHl, IH. destruct (there f m); reflexivity.
Qed.

End Presence.

Lemma same_ranges : forall family member scalars fields X A (e : expr family member scalars fields X A) R R',
  (forall f, R f = R' f) -> forall x g look ms,
  eval family member scalars fields e R x g look ms = eval family member scalars fields e R' x g look ms.
Proof.
  induction e as [A read|A B e1 IH1 e2 IH2|f e IH|f e IH|f e IH]; intros R R' E x g look ms; cbn; auto.
  - rewrite (IH1 R R' E), (IH2 R R' E). reflexivity.
  - rewrite (E f). induction (R' f) as [|m l IHl]; cbn; auto. rewrite IHl, (IH R R' E). reflexivity.
  - rewrite (E f). induction (R' f) as [|m l IHl]; cbn; auto. rewrite IHl, (IH R R' E). reflexivity.
  - rewrite (E f). apply total_same. intros m _. apply (IH R R' E).
Qed.

Lemma all_there : forall (member : Type) (same : forall m n : member, {m = n} + {m <> n}) l k, incl k l ->
  filter (fun m => if in_dec same m l then true else false) k = k.
Proof.
  induction k as [|m k IH]; intros I; auto. cbn [filter].
  destruct (in_dec same m l) as [_|N]; [|destruct N; apply I; left; auto].
  rewrite IH; auto. intros n Hn. apply I. right. auto.
Qed.

(** So a condition that holds wherever sorts have elements and arguments are marked holds of all families. *)
Theorem shown_of_sorts_holds_of_families : forall (family member scalars fields X : Type)
  (same : forall m n : member, {m = n} + {m <> n}) (claim : expr family member scalars fields X bool) (spare : member),
  (forall elements there x g look ms,
    (forall f, elements f <> []) ->
    (forall n, In n ms -> In (snd n) (elements (fst n)) /\ there (fst n) (snd n) = true) ->
    eval family member scalars (marked fields) (about_those_there family member scalars fields claim) elements x g
      (with_marks family member fields there look) ms = true) ->
  forall R x g look ms, within family member R ms -> eval family member scalars fields claim R x g look ms = true.
Proof.
  intros family member scalars fields X same claim spare H R x g look ms W.
  set (there := fun f m => if in_dec same m (R f) then true else false).
  assert (E : forall f, filter (there f) (filled family member spare R f) = R f).
  { intros f. unfold filled, there. destruct (R f) as [|m l]; [reflexivity|]. apply all_there, incl_refl. }
  rewrite <- (same_ranges family member scalars fields X bool claim _ R E x g look ms).
  rewrite <- (same_about_those_there family member scalars fields (filled family member spare R) there).
  apply H.
  - apply filled_full.
  - intros n Hn. split; [apply filled_more, W, Hn|]. unfold there.
    destruct (in_dec same (snd n) (R (fst n))) as [_|N]; auto.
Qed.
