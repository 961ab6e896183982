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

    /** A message that answers a {@link Question} of a round. */
    sealed interface Answer extends Message {}

    /** Most hops of a walk or a beacon: far more than a cluster that anybody builds is wide. */
    int MAX_HOPS = 255;

    /** A message that names records, and says nothing else. */
    sealed interface Keyed extends Message {
        /** {@return hashes of records, at most {@link #MAX_KEYS}} */
        List<Hash128> keys();
    }

    /** What one node is to another. */
    enum Bond {
        /** Asked for by a node that has no neighbour: it is not turned down. */
        JOIN,
        /** Both spread news to each other for as long as they live. */
        NEIGHBOUR,
        /** One round, and no more. */
        VISIT,
        /** The answer of a node that has neighbours enough; some of its {@link Peers} follow. */
        NONE
    }

    /**
     * Where another node listens.
     *
     * @param node the node
     * @param address its address as the sender sees it
     * @param ageS seconds since it was known to be alive
     */
    record Peer(NodeId node, Address address, int ageS) {
        /** Highest age that can be told. */
        public static final int MAX_AGE_S = 65_535;
    }

    /**
     * The first message each way; the side that dialled speaks first.
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
     * @param bond what it wants to be to the other, or what the other may be to it
     */
    record Hello(int minVersion, int maxVersion, String cluster, NodeId node, Address address,
            int httpPort, Address dialled, long wallMs, long retentionMs, String validator,
            Bond bond) implements Message {}

    /**
     * The sender will not be linked with the receiver, and hangs up.
     *
     * @param reason why, for the receiver's log
     */
    record Refuse(String reason) implements Message {}

    /**
     * Another node has the receiver's id: the sender, or one that the sender is linked with. A
     * receiver that drew the number itself has met itself; any other takes a new id.
     *
     * @param number drawn by chance for this link
     */
    record Twin(long number) implements Message {}

    /**
     * The sender ends this link.
     *
     * @param reason why, for the receiver's log
     * @param stays whether the sender lives on and may be linked again
     */
    record Bye(String reason, boolean stays) implements Message {}

    /**
     * Sent on links that were quiet for some time, and with other messages when it is due.
     *
     * @param sentMs the sender's steady clock
     * @param echoMs {@code sentMs} of the last heartbeat received, or -1 before the first
     * @param heldMs how long ago that one came
     * @param wallMs the sender's wall clock
     * @param meshHash hash of the set of nodes the sender is linked to, itself included
     * @param full whether the sender has no room for records
     * @param parent whether the receiver is the sender's parent in the tree
     * @param placed whether the sender has a place in the tree
     * @param reachable whether somebody dialled the sender with success
     * @param links how many neighbours the sender has
     * @param records how many records it holds
     */
    record Heartbeat(long sentMs, long echoMs, long heldMs, long wallMs, long meshHash,
            boolean full, boolean parent, boolean placed, boolean reachable, int links,
            int records) implements Message {}

    /**
     * Other nodes the sender knows.
     *
     * @param peers at most {@link #MAX_PEERS}
     */
    record Peers(List<Peer> peers) implements Message {}

    /**
     * A node that joined, sent on a random walk; who receives it last dials that node.
     *
     * @param peer the node
     * @param hops how much further it goes
     */
    record ForwardJoin(Peer peer, int hops) implements Message {}

    /**
     * A sample of nodes somebody knows, sent on a random walk; who receives it last answers with
     * a sample of its own.
     *
     * @param walk number of the walk, by which the answer finds its way back
     * @param hops how much further it goes
     * @param peers at most {@link #MAX_PEERS}
     */
    record Shuffle(long walk, int hops, List<Peer> peers) implements Message {}

    /**
     * Answers a {@link Shuffle}, on the way that one came.
     *
     * @param walk number of the walk
     * @param peers at most {@link #MAX_PEERS}
     */
    record Shuffled(long walk, List<Peer> peers) implements Message {}

    /** Makes a visit a link between neighbours, because the two nodes' clusters had parted. */
    record Adopt() implements Message {}

    /**
     * Flooded by the node with the smallest id, so that all know how far from it they are.
     *
     * @param root that node
     * @param seq grows with each beacon of this root
     * @param hops how far the sender is from the root
     */
    record Beacon(NodeId root, long seq, int hops) implements Message {}

    /**
     * Names records that the sender holds and did not send on this link.
     *
     * @param keys at most {@link #MAX_KEYS}
     */
    record IHave(List<Hash128> keys) implements Keyed {}

    /**
     * Asks for records that the receiver had named, and for new ones until the tree is mended.
     *
     * @param keys at most {@link #MAX_KEYS}
     */
    record Graft(List<Hash128> keys) implements Keyed {}

    /**
     * Answers a {@link Graft} for records that are not held any more.
     *
     * @param keys those
     */
    record Gone(List<Hash128> keys) implements Keyed {}

    /**
     * A record.
     *
     * @param data the record
     * @param meshHash the hash of the node that accepted it from a client; a receiver with the
     *     same one knows that all its peers get it from there
     * @param asked whether the receiver asked for it
     * @param confirm whether {@link Held} is wanted once the receiver holds it
     */
    record Push(Data data, long meshHash, boolean asked, boolean confirm) implements Message {

        /**
         * A record that need not be confirmed.
         *
         * @param data the record
         * @param meshHash the hash of the node that accepted it from a client
         * @param asked whether the receiver asked for it
         */
        public Push(Data data, long meshHash, boolean asked) {
            this(data, meshHash, asked, false);
        }
    }

    /**
     * Answers a {@link Push} that is to be confirmed, once the sender holds the record, or the same
     * with an earlier timestamp.
     *
     * @param keys hashes of such records, at most {@link #MAX_KEYS}
     */
    record Held(List<Hash128> keys) implements Keyed {}

    /**
     * Begins a round. Answered by {@link Same}, or by the first {@link Cells}.
     *
     * @param round numbers the sender's rounds
     * @param fromMs timestamps before this are left out by both sides
     * @param toMs timestamps from here on are left out by both sides
     * @param first cell 0 of the sender's sketch, which differs if the stores do
     */
    record Compare(int round, long fromMs, long toMs, Sketch.Cell first) implements Question {}

    /** The stores are equal. */
    record Same() implements Answer {}

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
    record Cells(int from, List<Sketch.Cell> cells) implements Answer {}

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
    record Differ(List<Long> buckets) implements Answer {}

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
    record Keys(List<Hash128> keys, Optional<Position> next) implements Answer {}

    /**
     * Asks for records by hash.
     *
     * @param keys at most {@link #MAX_KEYS}
     */
    record AskRecords(List<Hash128> keys) implements Question, Keyed {}

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
    record Answered(int served, Optional<Position> next) implements Answer {}

    /**
     * Names records that the receiver seems to lack. Answered by {@link Want}.
     *
     * @param keys at most {@link #MAX_KEYS}
     */
    record Offer(List<Hash128> keys) implements Question, Keyed {}

    /**
     * Answers an {@link Offer}.
     *
     * @param places those that the sender does lack, by their places in the offer, in order
     */
    record Want(List<Integer> places) implements Answer {}

    /** Ends some records that the receiver lacked; it answers with {@link Taken}. */
    record Given() implements Message {}

    /** The records before {@link Given} are judged: more may come. */
    record Taken() implements Answer {}

    /**
     * Ends a round that the sender began. It may come after the next one began, since it follows
     * the records that the round gave.
     *
     * @param round the round's number
     */
    record Done(int round) implements Message {}
}
