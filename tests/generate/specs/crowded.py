"""Long names and long conditions, so that nearly every line of the generated code has to be broken."""

from enum import Enum, auto

from quiesce.spec import Family, Machine, Member, Nat, New, call, count, environment, implies, internal, policy, when


class ConnectionEstablishmentPhase(Enum):
    """Where the service stands."""

    NOT_YET_CONTACTED_BY_ANYBODY = auto()
    WAITING_FOR_THE_FIRST_ANSWER = auto()
    ESTABLISHED_AND_SYNCHRONISED = auto()
    CLOSED_DOWN_IN_AN_ORDERLY_WAY = auto()


class WhatHappensToLateArrivals(Enum):
    """What a client gets that comes too late."""

    TURNED_AWAY_AT_ONCE = auto()
    KEPT_WAITING_UNTIL_LATER = auto()


LATE_ARRIVALS_AFTER_THE_CLOSE = policy(
    WhatHappensToLateArrivals.TURNED_AWAY_AT_ONCE, WhatHappensToLateArrivals.KEPT_WAITING_UNTIL_LATER
)


class SynchronisedPartner(Member):
    """A partner, of whom there may be any number, with a docstring whose length alone leaves hardly any room."""

    establishment_phase: ConnectionEstablishmentPhase = ConnectionEstablishmentPhase.NOT_YET_CONTACTED_BY_ANYBODY
    acknowledged_messages: Nat = 0
    unacknowledged_messages: Nat = 0


class SynchronisationService(Machine):
    r"""A service with "quotes", a back\slash and a last "word"

    Its second paragraph speaks of \n and of triple quotes.
    """

    establishment_phase: ConnectionEstablishmentPhase = ConnectionEstablishmentPhase.NOT_YET_CONTACTED_BY_ANYBODY
    outstanding_acknowledgements: Nat = 0
    greatest_number_of_partners: Nat = 0
    synchronised_partners: Family[SynchronisedPartner]

    @call("SynchroniseWithEveryPartnerAtOnce")
    def synchronise_with_every_partner_first(
        self, partner: New[SynchronisedPartner], expected_acknowledgements: Nat, urgent: bool
    ) -> None:
        """The first synchronisation."""
        when(self.establishment_phase == ConnectionEstablishmentPhase.NOT_YET_CONTACTED_BY_ANYBODY)
        self.establishment_phase = (
            ConnectionEstablishmentPhase.ESTABLISHED_AND_SYNCHRONISED
            if urgent and expected_acknowledgements == 0
            else ConnectionEstablishmentPhase.WAITING_FOR_THE_FIRST_ANSWER
        )
        partner.establishment_phase = ConnectionEstablishmentPhase.WAITING_FOR_THE_FIRST_ANSWER
        partner.unacknowledged_messages = expected_acknowledgements
        self.outstanding_acknowledgements += expected_acknowledgements
        self.greatest_number_of_partners = max(
            self.greatest_number_of_partners + 1,
            count(
                other.establishment_phase != ConnectionEstablishmentPhase.NOT_YET_CONTACTED_BY_ANYBODY
                and other.unacknowledged_messages > 0
                for other in self.synchronised_partners
            ),
        )

    @call("SynchroniseWithEveryPartnerAtOnce")
    def synchronise_with_every_partner_again(
        self, partner: New[SynchronisedPartner], expected_acknowledgements: Nat, urgent: bool
    ) -> None:
        """A later synchronisation."""
        when(
            self.establishment_phase
            in (
                ConnectionEstablishmentPhase.WAITING_FOR_THE_FIRST_ANSWER,
                ConnectionEstablishmentPhase.ESTABLISHED_AND_SYNCHRONISED,
            )
        )
        when(
            urgent or expected_acknowledgements <= self.outstanding_acknowledgements + self.greatest_number_of_partners
        )
        partner.establishment_phase = ConnectionEstablishmentPhase.ESTABLISHED_AND_SYNCHRONISED
        self.outstanding_acknowledgements = (
            self.outstanding_acknowledgements + expected_acknowledgements + self.greatest_number_of_partners + 1
        )

    @call("SynchroniseWithEveryPartnerAtOnce", fails="TOO_MANY_ACKNOWLEDGEMENTS_WERE_EXPECTED")
    def expected_more_than_there_can_be(self, expected_acknowledgements: Nat, urgent: bool) -> None:
        """More acknowledgements were expected than there can be, and the matter is not urgent enough to go on."""
        when(
            self.establishment_phase
            in (
                ConnectionEstablishmentPhase.WAITING_FOR_THE_FIRST_ANSWER,
                ConnectionEstablishmentPhase.ESTABLISHED_AND_SYNCHRONISED,
            )
        )
        when(
            not urgent
            and expected_acknowledgements > self.outstanding_acknowledgements + self.greatest_number_of_partners
        )

    @call("SynchroniseWithEveryPartnerAtOnce", fails="CLOSED_DOWN")
    def turned_away(self) -> None:
        """Too late."""
        when(self.establishment_phase == ConnectionEstablishmentPhase.CLOSED_DOWN_IN_AN_ORDERLY_WAY)
        when(LATE_ARRIVALS_AFTER_THE_CLOSE == WhatHappensToLateArrivals.TURNED_AWAY_AT_ONCE)

    @environment
    def acknowledgement_arrives(self, partner: SynchronisedPartner, acknowledged: Nat) -> None:
        """A partner has answered."""
        when(
            partner.establishment_phase
            not in (
                ConnectionEstablishmentPhase.NOT_YET_CONTACTED_BY_ANYBODY,
                ConnectionEstablishmentPhase.CLOSED_DOWN_IN_AN_ORDERLY_WAY,
            )
        )
        when(0 < acknowledged <= partner.unacknowledged_messages)
        when(acknowledged <= self.outstanding_acknowledgements)
        partner.unacknowledged_messages -= acknowledged
        partner.acknowledged_messages = partner.acknowledged_messages + acknowledged
        self.outstanding_acknowledgements -= acknowledged

    @internal
    def close_down(self) -> None:
        """Everybody has answered."""
        when(
            not any(
                partner.establishment_phase == ConnectionEstablishmentPhase.WAITING_FOR_THE_FIRST_ANSWER
                and partner.unacknowledged_messages > partner.acknowledged_messages
                for partner in self.synchronised_partners
            )
        )
        when(
            self.establishment_phase != ConnectionEstablishmentPhase.CLOSED_DOWN_IN_AN_ORDERLY_WAY
            and all(
                implies(partner.unacknowledged_messages > 0, partner.acknowledged_messages > 0)
                for partner in self.synchronised_partners
            )
        )
        self.establishment_phase = ConnectionEstablishmentPhase.CLOSED_DOWN_IN_AN_ORDERLY_WAY
        for partner in self.synchronised_partners:
            if (
                partner.establishment_phase == ConnectionEstablishmentPhase.ESTABLISHED_AND_SYNCHRONISED
                and partner.acknowledged_messages > 0
            ):
                partner.acknowledged_messages = 0

    @internal
    def begin_anew(self) -> None:
        """Forget what was."""
        when(self.establishment_phase == ConnectionEstablishmentPhase.CLOSED_DOWN_IN_AN_ORDERLY_WAY)
        when(
            sum(
                partner.unacknowledged_messages + partner.acknowledged_messages
                for partner in self.synchronised_partners
                if partner.establishment_phase == ConnectionEstablishmentPhase.ESTABLISHED_AND_SYNCHRONISED
            )
            < 3 + self.greatest_number_of_partners
        )
        self.establishment_phase = ConnectionEstablishmentPhase.NOT_YET_CONTACTED_BY_ANYBODY

    @call("SynchroniseWithEveryPartnerAtOnce", blocks=True, fair=[begin_anew])
    def kept_waiting(self) -> None:
        """Too late as well, but somebody may begin anew."""
        when(self.establishment_phase == ConnectionEstablishmentPhase.CLOSED_DOWN_IN_AN_ORDERLY_WAY)
        when(LATE_ARRIVALS_AFTER_THE_CLOSE == WhatHappensToLateArrivals.KEPT_WAITING_UNTIL_LATER)
