package bcast.eventbus;

import bcast.data.Data;
import java.util.Optional;

/** Something that happened in this node. Immutable. */
public sealed interface Event {

    /**
     * A peer sent a record, which is not judged yet.
     *
     * @param data the record, well-formed but not validated
     * @param from the peer
     */
    record Received(Data data, Source from) implements Event {}

    /**
     * A record is valid and stored: new, or in place of a loser of the merge rule.
     *
     * @param data the record as stored
     * @param from the client or peer that sent it
     */
    record Accepted(Data data, Source from) implements Event {}

    /**
     * A stored record lost against another of the same id by the merge rule and was removed.
     * Published just before the {@link Accepted} of the winner.
     *
     * @param winner what is stored now
     * @param loser what was stored before
     * @param from the client or peer that sent the winner
     */
    record Replaced(Data winner, Data loser, Source from) implements Event {}

    /**
     * A peer's record was judged and not stored, or had been stored before. A client's refusal is
     * no event: nothing would limit the memory of its record while it waited in a queue.
     *
     * @param data the record
     * @param from the peer that sent it
     * @param why the reason
     */
    record Refused(Data data, Source from, Refusal why) implements Event {}

    /** The validator uses other keys from now on: a record refused before may now be valid. */
    record KeysChanged() implements Event {}

    /**
     * A client waits until a peer confirms that it holds the record as well.
     *
     * @param data the record
     * @param again whether it was stored before; if not, its {@link Accepted} follows
     */
    record Confirm(Data data, boolean again) implements Event {}

    /**
     * A peer reported that it holds the record of a {@link Confirm}.
     *
     * @param data the record
     */
    record Confirmed(Data data) implements Event {}

    /** The interval has passed: the cluster compares all records with peers. */
    record Broadcast() implements Event {}

    /**
     * A part of the node became healthy or unhealthy.
     *
     * @param part name of the part, such as {@code sync} or {@code clock}
     * @param problem what keeps the node from being ready; empty when it is healthy
     */
    record Health(String part, Optional<String> problem) implements Event {}

    /**
     * A part of the node found something that an operator should check although the node is ready.
     *
     * @param part name of the part; it has one note at a time
     * @param note what was found and what to do; empty when it no longer applies
     */
    record Note(String part, Optional<String> note) implements Event {}
}
