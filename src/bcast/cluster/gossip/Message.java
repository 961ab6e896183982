package bcast.cluster.gossip;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.storage.Digest;
import bcast.storage.Position;
import bcast.storage.Sketch;
import java.util.List;
import java.util.Optional;

/** What nodes say to each other over a link. */
public sealed interface Message {

    /** Most peers in one {@link Peers}. */
    int MAX_PEERS = 64;

    /** Most digests in one {@link Summary}; a store has 96 buckets and a few for skew. */
    int MAX_DIGESTS = 1_024;

    /** Most hashes in one {@link Keys} or {@link AskRecords}: 16 bytes each, so below a frame. */
    int MAX_KEYS = 2_000;

    /** Most cells in one {@link Cells}: 24 bytes each, so below one frame. */
    int MAX_CELLS = 2_500;

    /** Longest text in bytes of UTF-8: names of clusters, hosts and validators, reasons. */
    int MAX_TEXT_BYTES = 255;

    /** A message that asks for an answer, which costs the other side some work. */
    sealed interface Question extends Message {}

    /**
     * Where another node listens.
     *
     * @param node the node
     * @param address its address as the sender sees it
     */
    record Peer(NodeId node, Address address) {}

    /**
     * The first message each way.
     *
     * @param minVersion lowest protocol version spoken
     * @param maxVersion highest protocol version spoken; the highest common one is used
     * @param cluster name of the cluster
     * @param node who speaks
     * @param address where it listens; an empty host stands for the one this link comes from
     * @param httpPort where it serves clients
     * @param dialled the address dialled; empty host and port 0 from the side that answered
     * @param wallMs its wall clock
     * @param retentionMs its retention
     * @param validator name of its validator
     */
    record Hello(int minVersion, int maxVersion, String cluster, NodeId node, Address address,
            int httpPort, Address dialled, long wallMs, long retentionMs, String validator)
            implements Message {}

    /**
     * The sender will not be linked with the receiver, and hangs up.
     *
     * @param reason why, for the receiver's log
     */
    record Refuse(String reason) implements Message {}

    /**
     * The sender leaves for good.
     *
     * @param reason why, for the receiver's log
     */
    record Bye(String reason) implements Message {}

    /**
     * Sent once a second.
     *
     * @param sentMs the sender's steady clock
     * @param echoMs {@code sentMs} of the last heartbeat received, or -1 before the first
     * @param heldMs how long ago that one came
     * @param wallMs the sender's wall clock
     * @param meshHash hash of the set of nodes the sender is linked to, itself included
     * @param full whether the sender has no room for records
     */
    record Heartbeat(long sentMs, long echoMs, long heldMs, long wallMs, long meshHash,
            boolean full) implements Message {}

    /**
     * Other nodes the sender is linked to.
     *
     * @param peers at most {@link #MAX_PEERS}
     */
    record Peers(List<Peer> peers) implements Message {}

    /**
     * A record.
     *
     * @param data the record
     * @param meshHash the hash of the node that accepted it from a client; a receiver with the
     *     same one knows that all its peers get it from there
     * @param asked whether the receiver asked for it
     */
    record Push(Data data, long meshHash, boolean asked) implements Message {}

    /**
     * Begins a round. Answered by {@link Same}, or by the first {@link Cells}.
     *
     * @param fromMs timestamps before this are left out by both sides
     * @param toMs timestamps from here on are left out by both sides
     * @param first cell 0 of the sender's sketch, which differs if the stores do
     */
    record Compare(long fromMs, long toMs, Sketch.Cell first) implements Question {}

    /** The stores are equal. */
    record Same() implements Message {}

    /**
     * Asks for cells of a sketch. From cell 0 on a new sketch is made, which then stays as it is
     * for the rest of the round.
     *
     * @param size how many cells the sketch is to have in all
     * @param from the first cell wanted
     * @param count how many are wanted, at most {@link #MAX_CELLS}
     * @param fromMs timestamps before this are left out
     * @param toMs timestamps from here on are left out
     */
    record AskCells(int size, int from, int count, long fromMs, long toMs) implements Question {}

    /**
     * Cells of a sketch.
     *
     * @param from the first one's number
     * @param cells at most {@link #MAX_CELLS}; none if the sender will not make such a sketch
     *     now, because it did so just before or because its store is being filled
     */
    record Cells(int from, List<Sketch.Cell> cells) implements Message {}

    /**
     * Sums up the sender's store bucket by bucket, where sketches did not tell the difference.
     *
     * @param fromMs timestamps before this are left out by both sides
     * @param toMs timestamps from here on are left out by both sides
     * @param digests at most {@link #MAX_DIGESTS}
     */
    record Summary(long fromMs, long toMs, List<Digest> digests) implements Question {}

    /**
     * Answers a {@link Summary}.
     *
     * @param buckets numbers of the buckets that differ
     */
    record Differ(List<Long> buckets) implements Message {}

    /**
     * Asks for the hashes of all records of a span of time.
     *
     * @param after where to begin
     * @param toMs timestamps from here on are left out
     */
    record AskKeys(Position after, long toMs) implements Question {}

    /**
     * Answers an {@link AskKeys}.
     *
     * @param keys at most {@link #MAX_KEYS}, in order
     * @param next where to go on; empty if there are no more
     */
    record Keys(List<Hash128> keys, Optional<Position> next) implements Message {}

    /**
     * Asks for records by hash.
     *
     * @param keys at most {@link #MAX_KEYS}
     */
    record AskRecords(List<Hash128> keys) implements Question {}

    /**
     * Asks for all records, in order.
     *
     * @param after where to begin
     */
    record AskAll(Position after) implements Question {}

    /**
     * Ends the records sent for an {@link AskRecords} or {@link AskAll}.
     *
     * @param served how many of the keys asked for were looked at; the rest may be asked again
     * @param next where {@link AskAll} goes on; empty if there are no more
     */
    record Answered(int served, Optional<Position> next) implements Message {}

    /** Ends some records that the receiver lacked; it answers with {@link Taken}. */
    record Given() implements Message {}

    /** The records before {@link Given} are judged: more may come. */
    record Taken() implements Message {}

    /** Ends a round that the sender began. */
    record Done() implements Message {}
}
