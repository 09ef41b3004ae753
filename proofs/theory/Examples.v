(** Small machines: some that meet the premises of the theorems, and some that show why a premise is there. *)

Require Import List Bool ZArith Arith Lia.
From Quiesce Require Import Transitions Ranks Recovery Waiting Families Contracts Sharing.
Import ListNotations.

(** * A contract that several callers share

    Whoever opens has to close. Closing more often than opening is not legal; were it refused instead, the contract
    could not be shared: one caller's refusal would depend on what the others hold. *)

Inductive door_call := Open | Close.

Definition holds : contract := {|
  counts := nat;
  call := door_call;
  answer := unit;
  fresh := 0;
  allows := fun _ _ _ => True;
  assumes := fun c _ k => match c with Open => True | Close => 1 <= k end;
  next := fun c _ k => match c with Open => k + 1 | Close => k - 1 end
|}.

(** It counts for all callers together. *)
Definition counter : provider holds := {|
  inner := nat : Type;
  starts := fun k => k = 0;
  answers := fun k (c : call holds) _ k' => k' = next (c := holds) c tt k;
  turns := fun _ _ => False;
  goes_wrong := fun _ _ => False;
  turns_wrong := fun _ => False
|}.

Example counter_offers : offers counter.
Proof. intros p k _. repeat split; auto. Qed.

Example shared_by_any_number : forall n, offers (for_each holds n counter).
Proof.
  intros n. apply offered_to_each with (plus := Nat.add) (natural := fun _ => True) (fits := fun _ => True);
    cbn; auto using counter_offers; try (intros; lia).
  intros [|] _ mine others _ _ H _; repeat split; lia.
Qed.

(** The same with a refusal where nothing is held. Alone, a caller who holds nothing is refused; in company he is not.
    *)
Example not_shared : let accepted (k : nat) := 1 <= k in
  ~ (forall mine others, accepted (mine + others) -> accepted mine).
Proof. cbn. intros H. specialize (H 0 1). lia. Qed.

(** * A refusal that counts as fair

    A door is busy until it is done; meanwhile calls are refused. If the refusal is one of the fair actions, it may
    happen again and again, and the door stays busy for ever. All other premises of [wait_ends] are met. *)

Inductive door_action := Go | Refuse | Finish.

Definition door : machine := {|
  state := bool;
  action := door_action;
  argument := fun _ => unit;
  initial := fun s => s = false;
  guard := fun a _ s => s = match a with Go => false | _ => true end;
  effect := fun a _ s => match a with Go => true | Refuse => s | Finish => false end
|}.

Definition changes (a : action door) : bool := match a with Refuse => false | _ => true end.
Definition trusted (a : action door) : bool := match a with Go => false | _ => true end.

Definition for_ever : run door.
Proof.
  refine (Run door (fun n => match n with 0 => false | _ => true end)
    (fun n => Some (existT _ (match n with 0 => Go | _ => Refuse end : action door) tt)) eq_refl _).
  intros [|n]; cbn; auto.
Defined.

Example a_refusal_is_no_progress :
  let rank (s : state door) := if s then [1%Z] else [0%Z] in
  (forall a x (s : state door), changes a = false -> effect a x s = s) /\
  (forall s : state door, s = true -> possible door trusted s) /\
  (forall (s : state door) a x, s = true -> changes a = true -> guard a x s ->
    negb (effect a x s) = true \/
    (effect a x s = true /\
     if trusted a then Ranks.lower (rank (effect a x s)) (rank s) else not_higher (rank (effect a x s)) (rank s))) /\
  fair_run door trusted for_ever /\
  forall n, 1 <= n -> states door for_ever n = true.
Proof.
  cbv zeta. split; [|split; [|split; [|split]]].
  - intros [] x s C; try discriminate. reflexivity.
  - intros s ->. exists Finish, tt. split; reflexivity.
  - intros s [] x -> C G; try discriminate. left. reflexivity.
  - intros n. exists (S n). split; auto. left. reflexivity.
  - intros [|n] H; [lia|reflexivity].
Qed.

(** * A goal that only a member leads to

    Some member ends what was begun. Where the family has a member, the goal stays in reach; where it has none, it does
    not. So what an action about some member does may be used of families with a member alone, or has to be shown
    possible in another way. *)

Section OneToEnd.

Variable member : Type.

Definition errand : machine := {|
  state := bool;
  action := bool;  (* begin, or be ended by a member *)
  argument := fun a => if a then unit else member;
  initial := fun s => s = false;
  guard := fun a _ s => s = negb a;
  effect := fun a _ _ => a
|}.

Example with_a_member : member -> recoverable errand negb.
Proof.
  intros m s _. destruct s.
  - exists false. split; auto. eapply leads_on; [|constructor]. exists false, m. split; reflexivity.
  - exists false. split; auto. constructor.
Qed.

Example without : (member -> False) -> ~ recoverable errand negb.
Proof.
  intros none.
  refine (trap errand (fun _ => true) _ (fun _ => True) _ negb unit (fun _ s => s = true) tt true _ _ _ _); auto.
  - discriminate.
  - apply (reachable_step errand false true tt); [apply reachable_start; reflexivity|reflexivity].
  - intros _ [] x t _ _ _ _; [reflexivity|destruct (none x)].
  - intros _ t _ ->. reflexivity.
Qed.

End OneToEnd.

(** * Two loops, the second of which undoes the first

    All members are marked, the marks are counted, and the marks are taken away. Behind it each member is as it was, and
    a member without a mark adds nothing to a count of marks. But in between none was without: the machine counts those
    that the program has forgotten. So each statement has to leave members that are as new as they are, and not only all
    of them together. *)

Definition mark_count_unmark : body unit nat Z bool unit :=
  let keep := Local (fun _ g _ _ => g) in
  let same := fun _ => Local (fun _ _ _ fs => hd false fs) in
  let marks := Total tt (Local (fun _ _ _ fs => if hd false fs then 1%Z else 0%Z)) in
  Then keep (fun _ => Local (fun _ _ _ _ => true))
    (Then marks same (Then keep (fun _ => Local (fun _ _ _ _ => false)) Done)).

Example undone_is_not_unseen :
  let as_new (_ : unit) (marked : bool) := marked = false in
  let run_over R := run_body unit nat Nat.eq_dec Z bool mark_count_unmark R tt [] 0%Z (fun _ _ => false) in
  let everyone (_ : unit) := [7] in
  let nobody (_ : unit) := @nil nat in
  remembers unit nat bool as_new nobody everyone (fun _ _ => false) /\
  (forall f m, as_new f (snd (run_over everyone) f m)) /\
  fst (run_over everyone) = 1%Z /\ fst (run_over nobody) = 0%Z.
Proof.
  cbv zeta. split; [|split; [|split]]; try reflexivity.
  - split; [intros f; constructor|]. split; [intros f; repeat constructor; intros []|].
    split; [intros f m []|]. reflexivity.
  - intros f m. cbn. unfold changed. destruct (in_dec Nat.eq_dec m [7]); reflexivity.
Qed.
