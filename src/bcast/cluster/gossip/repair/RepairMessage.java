package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.data.Hash128;
import bcast.storage.Digest;
import bcast.storage.Position;
import bcast.storage.Sketch;
import java.util.List;
import java.util.Optional;

/**
 * Messages of rounds, which compare two stores and bring over what differs; the package has a table
 * of them. The records themselves travel as {@link SpreadMessage.Push}. Where a message has a span
 * of time, records from {@code fromMs} on and before {@code toMs} count.
 */
public sealed interface RepairMessage extends Message {

    /** Most digests in one {@link Summary}; a store has 96 buckets and a few for skew. */
    int MAX_DIGESTS = 1_024;

    /** Most cells in one {@link Cells}: 24 bytes each, so fewer than fill a frame. */
    int MAX_CELLS = 2_500;

    /** Sent by the initiator of a round; the answer costs the responder some work. */
    sealed interface Question extends RepairMessage, Message.Question {}

    /** Sent by the responder of a round. */
    sealed interface Answer extends RepairMessage {}

    // ---- comparing by sketches

    /**
     * Begins a round. Answered by {@link Same}, or by the first {@link Cells}.
     *
     * @param round number of the round among the sender's rounds
     * @param first cell 0 of the sender's sketch; it differs from the receiver's if the stores do
     */
    record Compare(int round, long fromMs, long toMs, Sketch.Cell first) implements Question {}

    /** The stores are equal. */
    record Same() implements Answer {}

    /**
     * Asks for cells of a sketch. A question for cell 0 makes a large sketch, which is kept for the
     * rest of the round.
     *
     * @param size cells of the whole sketch
     * @param from number of the first cell requested
     * @param count cells requested, at most {@link #MAX_CELLS}
     */
    record AskCells(int size, int from, int count, long fromMs, long toMs) implements Question {}

    /**
     * Cells of a sketch.
     *
     * @param from number of the first cell
     * @param cells at most {@link #MAX_CELLS}. None as an answer to {@link Compare}: the sender is
     *     being filled, or the receiver is not up to date and gets what it lacks on this link. None
     *     as an answer to {@link AskCells}: the sender has no such sketch, or may not make one yet
     */
    record Cells(int from, List<Sketch.Cell> cells) implements Answer {}

    // ---- comparing bucket by bucket

    /** Digests of the sender's buckets, sent where sketches did not show the difference. */
    record Summary(long fromMs, long toMs, List<Digest> digests) implements Question {}

    /** Answers a {@link Summary} by the numbers of the buckets that differ. */
    record Differ(List<Long> buckets) implements Answer {}

    /** Asks for the hashes of all records from a position on and before {@code toMs}. */
    record AskHashes(Position after, long toMs) implements Question {}

    /**
     * Answers an {@link AskHashes}.
     *
     * @param hashes at most {@link Message#MAX_HASHES}, in the order of the records
     * @param next where to go on; empty if there are no more
     */
    record Hashes(List<Hash128> hashes, Optional<Position> next) implements Answer {}

    // ---- bringing over what differs

    /** Asks for records by their hashes. */
    record AskRecords(List<Hash128> hashes) implements Question, HashList {}

    /** Asks for all records from a position on, in order. */
    record AskAll(Position after) implements Question {}

    /**
     * Ends the records sent for an {@link AskRecords} or {@link AskAll}.
     *
     * @param served how many of the hashes asked for were looked up; the rest may be asked again
     * @param next where {@link AskAll} goes on; empty if there are no more
     */
    record Answered(int served, Optional<Position> next) implements Answer {}

    /** Names records that the receiver seems to lack. Answered by {@link Want}. */
    record Offer(List<Hash128> hashes) implements Question, HashList {}

    /** The places in an {@link Offer} of the records that the sender does lack, ascending. */
    record Want(List<Integer> places) implements Answer {}

    /** Ends some records that the receiver lacked. Answered by {@link Taken}. */
    record Given() implements RepairMessage {}

    /** The records before {@link Given} are judged, and more may follow. */
    record Taken() implements Answer {}

    /**
     * The sender has compared the stores, and the receiver got every record that it lacked. It may
     * arrive after the sender's next round began, since it follows the records of its own.
     */
    record Done(int round) implements RepairMessage {}
}
