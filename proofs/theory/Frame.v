(** What an action does not touch stays as it was. Rule "frame".

    A state gives a value to each place: a variable of the machine, a policy, or a field of one member. An expression
    depends on some places only. A quantifier or a total over a family depends on the fields of all its members, and on
    which these are; the latter never changes during a run. *)

From Quiesce Require Import Transitions.

Section Places.

Variable place : Type.
Variable value : place -> Type.

Definition store := forall p : place, value p.

(** [expr] has the same value in any two states that agree on the places [reads]. *)
Definition depends_on {A : Type} (reads : place -> Prop) (expr : store -> A) : Prop :=
  forall s t : store, (forall p, reads p -> s p = t p) -> expr s = expr t.

(** [update] changes at most the places [writes]. *)
Definition changes_only (writes : place -> Prop) (update : store -> store) : Prop :=
  forall s p, ~ writes p -> update s p = s p.

Definition disjoint (reads writes : place -> Prop) : Prop := forall p, reads p -> ~ writes p.

Lemma untouched : forall (A : Type) reads writes (expr : store -> A) update,
  depends_on reads expr -> changes_only writes update -> disjoint reads writes ->
  forall s, expr (update s) = expr s.
Proof. intros A r w e u D C X s. apply D. intros p R. apply C, X, R. Qed.

(** Rule "frame": an action that writes nothing of what a claim reads keeps it, whatever its guard says. *)
Theorem frame_keeps : forall reads writes (claim : store -> bool) update,
  depends_on reads claim -> changes_only writes update -> disjoint reads writes ->
  forall s, claim s = true -> claim (update s) = true.
Proof. intros r w c u D C X s H. rewrite (untouched bool r w c u); auto. Qed.

(** Rule "step_frame": a claim about a step that reads, of the new state, nothing of what the action writes says of the
    step what it says of one that changes nothing. It may read anything of the old state. *)
Theorem as_good_as_stutter : forall reads writes (claim : store -> store -> bool) update,
  (forall old, depends_on reads (claim old)) -> changes_only writes update -> disjoint reads writes ->
  forall s, claim s (update s) = claim s s.
Proof. intros r w c u D C X s. apply (untouched bool r w (c s) u); auto. Qed.

End Places.

Arguments depends_on {place value A} reads expr.
Arguments changes_only {place value} writes update.
Arguments disjoint {place} reads writes.
