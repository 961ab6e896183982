package bcast.cluster.net;

import bcast.cluster.gossip.Address;
import bcast.cluster.gossip.Message;
import bcast.cluster.gossip.NodeId;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.Utf8;
import bcast.storage.Digest;
import bcast.storage.Position;
import bcast.storage.Sketch;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Messages as frames: {@code u32 length | u8 type | body}, big-endian, the length counting type
 * and body. Records that do not fit one frame go on in frames of type {@link #MORE}.
 */
final class Wire {

    /** Longest frame less its length field: type and body. */
    static final int MAX_FRAME_BYTES = 64 * 1024;

    /** Length field and type. */
    static final int HEADER_BYTES = 5;

    /** First four bytes of every greeting. */
    static final int MAGIC = 0x42435354;

    static final byte HELLO = 1;
    static final byte REFUSE = 2;
    static final byte BYE = 3;
    static final byte HEARTBEAT = 4;
    static final byte PEERS = 5;
    static final byte PUSH = 6;
    static final byte MORE = 7;
    static final byte COMPARE = 8;
    static final byte SAME = 9;
    static final byte ASK_CELLS = 10;
    static final byte CELLS = 11;
    static final byte SUMMARY = 12;
    static final byte DIFFER = 13;
    static final byte ASK_KEYS = 14;
    static final byte KEYS = 15;
    static final byte ASK_RECORDS = 16;
    static final byte ASK_ALL = 17;
    static final byte ANSWERED = 18;
    static final byte GIVEN = 19;
    static final byte TAKEN = 20;
    static final byte DONE = 21;
    static final byte FORWARD_JOIN = 22;
    static final byte SHUFFLE = 23;
    static final byte SHUFFLED = 24;
    static final byte ADOPT = 25;
    static final byte BEACON = 26;
    static final byte I_HAVE = 27;
    static final byte GRAFT = 28;
    static final byte GONE = 29;
    static final byte OFFER = 30;
    static final byte WANT = 31;
    /** A handshake, see {@link SecretTransport}. */
    static final byte NOISE = 32;
    static final byte HELD = 33;
    static final byte TWIN = 34;

    private static final int PEER_BYTES = 16 + 2 + 3 + Message.MAX_TEXT_BYTES;

    /** Flags, hash of the mesh, length of the record. */
    static final int PUSH_HEAD_BYTES = 1 + 8 + 4;

    /** Timestamp, length of the id, and the longest id. */
    private static final int MAX_POSITION_BYTES = Long.BYTES + 2 + Data.MAX_ID_BYTES;

    private static final byte FLAG_ASKED = 1;
    private static final byte FLAG_CONFIRM = 2;

    private static final byte FLAG_FULL = 1;
    private static final byte FLAG_PARENT = 2;
    private static final byte FLAG_REACHABLE = 4;
    private static final byte FLAG_PLACED = 8;

    private Wire() {}

    /** {@code true} for messages that may overtake records waiting on the same link. */
    static boolean control(Message message) {
        return !(message instanceof Message.Push || message instanceof Message.Keys
                || message instanceof Message.Cells || message instanceof Message.Answered
                || message instanceof Message.Given || message instanceof Message.Done
                || message instanceof Message.Bye);
    }

    /** {@code true} for messages of rounds, the records themselves left out. */
    static boolean sync(Message message) {
        return message instanceof Message.Question || message instanceof Message.Answer
                || message instanceof Message.Given || message instanceof Message.Done;
    }

    /** Bytes that a message takes on the wire, give or take the frames of a large record. */
    static int size(Message message) {
        if (message instanceof Message.Push push) {
            return HEADER_BYTES + PUSH_HEAD_BYTES + push.data().wireLength();
        }
        if (message instanceof Message.Keys keys) {
            return HEADER_BYTES + 300 + Hash128.BYTES * keys.keys().size();
        }
        if (message instanceof Message.Keyed keyed) {
            return HEADER_BYTES + 2 + Hash128.BYTES * keyed.keys().size();
        }
        if (message instanceof Message.Want want) {
            return HEADER_BYTES + 2 + Short.BYTES * want.places().size();
        }
        if (message instanceof Message.Heartbeat) {
            return HEADER_BYTES + 5 * Long.BYTES + 3 + Integer.BYTES;
        }
        if (message instanceof Message.Beacon) {
            return HEADER_BYTES + 3 * Long.BYTES + 1;
        }
        if (message instanceof Message.Compare) {
            return HEADER_BYTES + Integer.BYTES + 2 * Long.BYTES + Sketch.Cell.BYTES;
        }
        if (message instanceof Message.Same || message instanceof Message.Given
                || message instanceof Message.Taken || message instanceof Message.Adopt) {
            return HEADER_BYTES;
        }
        if (message instanceof Message.Done) {
            return HEADER_BYTES + Integer.BYTES;
        }
        if (message instanceof Message.Twin) {
            return HEADER_BYTES + Long.BYTES;
        }
        if (message instanceof Message.Answered answered) {
            return HEADER_BYTES + 5 + (answered.next().isPresent() ? MAX_POSITION_BYTES : 0);
        }
        if (message instanceof Message.AskAll || message instanceof Message.AskKeys) {
            return HEADER_BYTES + MAX_POSITION_BYTES + Long.BYTES;
        }
        if (message instanceof Message.AskCells) {
            return HEADER_BYTES + 3 * Integer.BYTES + 2 * Long.BYTES;
        }
        if (message instanceof Message.Cells cells) {
            return HEADER_BYTES + 6 + Sketch.Cell.BYTES * cells.cells().size();
        }
        if (message instanceof Message.Summary summary) {
            return HEADER_BYTES + 18 + 28 * summary.digests().size();
        }
        if (message instanceof Message.Differ differ) {
            return HEADER_BYTES + 2 + 8 * differ.buckets().size();
        }
        if (message instanceof Message.Peers peers) {
            return HEADER_BYTES + 2 + PEER_BYTES * peers.peers().size();
        }
        if (message instanceof Message.ForwardJoin) {
            return HEADER_BYTES + 1 + PEER_BYTES;
        }
        if (message instanceof Message.Shuffle shuffle) {
            return HEADER_BYTES + 11 + PEER_BYTES * shuffle.peers().size();
        }
        if (message instanceof Message.Shuffled shuffled) {
            return HEADER_BYTES + 10 + PEER_BYTES * shuffled.peers().size();
        }
        return HEADER_BYTES + 5 * (Message.MAX_TEXT_BYTES + 1) + 100;
    }

    /**
     * Writes a message other than a record.
     *
     * @param message the message
     * @param frame where to write; has room for {@link #size}
     */
    static void encode(Message message, ByteBuffer frame) {
        int start = frame.position();
        frame.position(start + 4);
        body(message, frame);
        frame.putInt(start, frame.position() - start - 4);
    }

    private static void body(Message message, ByteBuffer to) {
        if (message instanceof Message.Hello hello) {
            to.put(HELLO).putInt(MAGIC);
            to.putShort((short) hello.minVersion()).putShort((short) hello.maxVersion());
            text(to, hello.cluster());
            node(to, hello.node());
            address(to, hello.address());
            to.putShort((short) hello.httpPort());
            address(to, hello.dialled());
            to.putLong(hello.wallMs()).putLong(hello.retentionMs());
            text(to, hello.validator());
            to.put((byte) hello.bond().ordinal());
        } else if (message instanceof Message.Refuse refuse) {
            text(to.put(REFUSE), refuse.reason());
        } else if (message instanceof Message.Twin twin) {
            to.put(TWIN).putLong(twin.number());
        } else if (message instanceof Message.Bye bye) {
            text(to.put(BYE), bye.reason());
            to.put((byte) (bye.stays() ? 1 : 0));
        } else if (message instanceof Message.Heartbeat beat) {
            to.put(HEARTBEAT).putLong(beat.sentMs()).putLong(beat.echoMs());
            to.putLong(beat.heldMs()).putLong(beat.wallMs()).putLong(beat.meshHash());
            to.put((byte) ((beat.full() ? FLAG_FULL : 0) | (beat.parent() ? FLAG_PARENT : 0)
                    | (beat.placed() ? FLAG_PLACED : 0)
                    | (beat.reachable() ? FLAG_REACHABLE : 0)));
            to.putShort((short) beat.links()).putInt(beat.records());
        } else if (message instanceof Message.Peers peers) {
            peers(to.put(PEERS), peers.peers());
        } else if (message instanceof Message.ForwardJoin join) {
            peer(to.put(FORWARD_JOIN).put((byte) join.hops()), join.peer());
        } else if (message instanceof Message.Shuffle shuffle) {
            to.put(SHUFFLE).putLong(shuffle.walk()).put((byte) shuffle.hops());
            peers(to, shuffle.peers());
        } else if (message instanceof Message.Shuffled shuffled) {
            peers(to.put(SHUFFLED).putLong(shuffled.walk()), shuffled.peers());
        } else if (message instanceof Message.Adopt) {
            to.put(ADOPT);
        } else if (message instanceof Message.Beacon beacon) {
            node(to.put(BEACON), beacon.root());
            to.putLong(beacon.seq()).put((byte) beacon.hops());
        } else if (message instanceof Message.IHave have) {
            keys(to.put(I_HAVE), have.keys());
        } else if (message instanceof Message.Held held) {
            keys(to.put(HELD), held.keys());
        } else if (message instanceof Message.Graft graft) {
            keys(to.put(GRAFT), graft.keys());
        } else if (message instanceof Message.Gone gone) {
            keys(to.put(GONE), gone.keys());
        } else if (message instanceof Message.Offer offer) {
            keys(to.put(OFFER), offer.keys());
        } else if (message instanceof Message.Want want) {
            to.put(WANT).putShort((short) want.places().size());
            want.places().forEach(place -> to.putShort(place.shortValue()));
        } else if (message instanceof Message.Compare compare) {
            to.put(COMPARE).putInt(compare.round());
            to.putLong(compare.fromMs()).putLong(compare.toMs());
            cell(to, compare.first());
        } else if (message instanceof Message.Same) {
            to.put(SAME);
        } else if (message instanceof Message.AskCells ask) {
            to.put(ASK_CELLS).putInt(ask.size()).putInt(ask.from()).putInt(ask.count());
            to.putLong(ask.fromMs()).putLong(ask.toMs());
        } else if (message instanceof Message.Cells cells) {
            to.put(CELLS).putInt(cells.from()).putShort((short) cells.cells().size());
            cells.cells().forEach(cell -> cell(to, cell));
        } else if (message instanceof Message.Summary summary) {
            to.put(SUMMARY).putLong(summary.fromMs()).putLong(summary.toMs());
            to.putShort((short) summary.digests().size());
            for (Digest digest : summary.digests()) {
                to.putLong(digest.bucket()).putInt(digest.count());
                hash(to, digest.sum());
            }
        } else if (message instanceof Message.Differ differ) {
            to.put(DIFFER).putShort((short) differ.buckets().size());
            differ.buckets().forEach(to::putLong);
        } else if (message instanceof Message.AskKeys ask) {
            position(to.put(ASK_KEYS), ask.after());
            to.putLong(ask.toMs());
        } else if (message instanceof Message.Keys keys) {
            keys(to.put(KEYS), keys.keys());
            next(to, keys.next());
        } else if (message instanceof Message.AskRecords ask) {
            keys(to.put(ASK_RECORDS), ask.keys());
        } else if (message instanceof Message.AskAll ask) {
            position(to.put(ASK_ALL), ask.after());
        } else if (message instanceof Message.Answered answered) {
            next(to.put(ANSWERED).putInt(answered.served()), answered.next());
        } else if (message instanceof Message.Given) {
            to.put(GIVEN);
        } else if (message instanceof Message.Taken) {
            to.put(TAKEN);
        } else if (message instanceof Message.Done done) {
            to.put(DONE).putInt(done.round());
        } else {
            throw new IllegalArgumentException("records have frames of their own");
        }
    }

    /** Writes the first frame of a record, as much as fits. Returns the record's bytes written. */
    static int encodeFirst(Message.Push push, ByteBuffer to) {
        int length = push.data().wireLength();
        int part = Math.min(length, MAX_FRAME_BYTES - 1 - PUSH_HEAD_BYTES);
        to.putInt(1 + PUSH_HEAD_BYTES + part).put(PUSH);
        int flags = (push.asked() ? FLAG_ASKED : 0) | (push.confirm() ? FLAG_CONFIRM : 0);
        to.put((byte) flags).putLong(push.meshHash()).putInt(length);
        part(push.data(), 0, part, to);
        return part;
    }

    /** Writes the next frame of a record. Returns the record's bytes written. */
    static int encodeMore(Data data, int from, ByteBuffer to) {
        int part = Math.min(data.wireLength() - from, MAX_FRAME_BYTES - 1);
        to.putInt(1 + part).put(MORE);
        part(data, from, part, to);
        return part;
    }

    private static void part(Data data, int from, int length, ByteBuffer to) {
        int limit = to.limit();
        to.limit(to.position() + length);
        data.toWire(from, to);
        to.limit(limit);
    }

    /**
     * Reads a message other than a record.
     *
     * @param type the frame's type
     * @param body the frame's body
     * @return the message, or empty if the type is unknown, as newer versions may send
     * @throws ProtocolException if the body is not what the type promises
     */
    static Optional<Message> decode(byte type, ByteBuffer body) throws ProtocolException {
        try {
            return Optional.ofNullable(message(type, body));
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new ProtocolException("broken frame of type " + type + ": " + e.getMessage());
        }
    }

    private static Message message(byte type, ByteBuffer in) throws ProtocolException {
        return switch (type) {
            case HELLO -> hello(in);
            case REFUSE -> new Message.Refuse(text(in));
            case TWIN -> new Message.Twin(in.getLong());
            case BYE -> new Message.Bye(text(in), in.get() != 0);
            case HEARTBEAT -> heartbeat(in);
            case PEERS -> new Message.Peers(peers(in));
            case FORWARD_JOIN -> forwardJoin(in);
            case SHUFFLE -> new Message.Shuffle(in.getLong(), in.get() & 0xff, peers(in));
            case SHUFFLED -> new Message.Shuffled(in.getLong(), peers(in));
            case ADOPT -> new Message.Adopt();
            case BEACON -> new Message.Beacon(node(in), in.getLong(), in.get() & 0xff);
            case I_HAVE -> new Message.IHave(keys(in));
            case HELD -> new Message.Held(keys(in));
            case GRAFT -> new Message.Graft(keys(in));
            case GONE -> new Message.Gone(keys(in));
            case OFFER -> new Message.Offer(keys(in));
            case WANT -> want(in);
            case COMPARE -> new Message.Compare(in.getInt(), in.getLong(), in.getLong(),
                    cell(in));
            case SAME -> new Message.Same();
            case ASK_CELLS -> new Message.AskCells(in.getInt(), in.getInt(), in.getInt(),
                    in.getLong(), in.getLong());
            case CELLS -> cells(in);
            case SUMMARY -> summary(in);
            case DIFFER -> differ(in);
            case ASK_KEYS -> new Message.AskKeys(position(in), in.getLong());
            case KEYS -> new Message.Keys(keys(in), next(in));
            case ASK_RECORDS -> new Message.AskRecords(keys(in));
            case ASK_ALL -> new Message.AskAll(position(in));
            case ANSWERED -> new Message.Answered(in.getInt(), next(in));
            case GIVEN -> new Message.Given();
            case TAKEN -> new Message.Taken();
            case DONE -> new Message.Done(in.getInt());
            default -> null;
        };
    }

    private static Message.Hello hello(ByteBuffer in) throws ProtocolException {
        if (in.getInt() != MAGIC) {
            throw new ProtocolException("not a bcast node");
        }
        return new Message.Hello(in.getShort() & 0xffff, in.getShort() & 0xffff, text(in),
                node(in), address(in), in.getShort() & 0xffff, address(in), in.getLong(),
                in.getLong(), text(in), bond(in.get()));
    }

    private static Message.Bond bond(byte ordinal) throws ProtocolException {
        if (ordinal < 0 || ordinal >= Message.Bond.values().length) {
            throw new ProtocolException("bond " + ordinal);
        }
        return Message.Bond.values()[ordinal];
    }

    private static Message.Heartbeat heartbeat(ByteBuffer in) {
        long sentMs = in.getLong();
        long echoMs = in.getLong();
        long heldMs = in.getLong();
        long wallMs = in.getLong();
        long meshHash = in.getLong();
        byte flags = in.get();
        return new Message.Heartbeat(sentMs, echoMs, heldMs, wallMs, meshHash,
                (flags & FLAG_FULL) != 0, (flags & FLAG_PARENT) != 0,
                (flags & FLAG_PLACED) != 0, (flags & FLAG_REACHABLE) != 0, in.getShort() & 0xffff,
                in.getInt());
    }

    private static Message.ForwardJoin forwardJoin(ByteBuffer in) throws ProtocolException {
        int hops = in.get() & 0xff;
        return new Message.ForwardJoin(peer(in), hops);
    }

    private static void peer(ByteBuffer to, Message.Peer peer) {
        node(to, peer.node());
        address(to, peer.address());
        to.putShort((short) Math.min(peer.ageS(), Message.Peer.MAX_AGE_S));
    }

    private static Message.Peer peer(ByteBuffer in) throws ProtocolException {
        return new Message.Peer(node(in), address(in), in.getShort() & 0xffff);
    }

    private static void peers(ByteBuffer to, List<Message.Peer> peers) {
        to.putShort((short) peers.size());
        peers.forEach(peer -> peer(to, peer));
    }

    private static List<Message.Peer> peers(ByteBuffer in) throws ProtocolException {
        int count = count(in, Message.MAX_PEERS);
        List<Message.Peer> peers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            peers.add(peer(in));
        }
        return peers;
    }

    private static void cell(ByteBuffer to, Sketch.Cell cell) {
        hash(to, cell.sum());
        to.putInt(cell.check()).putInt(cell.count());
    }

    private static Sketch.Cell cell(ByteBuffer in) {
        return new Sketch.Cell(hash(in), in.getInt(), in.getInt());
    }

    private static Message.Cells cells(ByteBuffer in) throws ProtocolException {
        int from = in.getInt();
        int count = count(in, Message.MAX_CELLS);
        List<Sketch.Cell> cells = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            cells.add(cell(in));
        }
        return new Message.Cells(from, cells);
    }

    private static Message.Summary summary(ByteBuffer in) throws ProtocolException {
        long from = in.getLong();
        long to = in.getLong();
        int count = count(in, Message.MAX_DIGESTS);
        List<Digest> digests = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            digests.add(new Digest(in.getLong(), in.getInt(), hash(in)));
        }
        return new Message.Summary(from, to, digests);
    }

    private static Message.Differ differ(ByteBuffer in) throws ProtocolException {
        int count = count(in, Message.MAX_DIGESTS);
        List<Long> buckets = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            buckets.add(in.getLong());
        }
        return new Message.Differ(buckets);
    }

    private static Message.Want want(ByteBuffer in) throws ProtocolException {
        int count = count(in, Message.MAX_KEYS);
        List<Integer> places = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            places.add(in.getShort() & 0xffff);
        }
        return new Message.Want(places);
    }

    private static int count(ByteBuffer in, int limit) throws ProtocolException {
        int count = in.getShort() & 0xffff;
        if (count > limit) {
            throw new ProtocolException("list of " + count + ", the limit is " + limit);
        }
        return count;
    }

    private static void keys(ByteBuffer to, List<Hash128> keys) {
        to.putShort((short) keys.size());
        keys.forEach(key -> hash(to, key));
    }

    private static List<Hash128> keys(ByteBuffer in) throws ProtocolException {
        int count = count(in, Message.MAX_KEYS);
        List<Hash128> keys = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            keys.add(hash(in));
        }
        return keys;
    }

    private static void next(ByteBuffer to, Optional<Position> next) {
        to.put((byte) (next.isPresent() ? 1 : 0));
        next.ifPresent(position -> position(to, position));
    }

    private static Optional<Position> next(ByteBuffer in) throws ProtocolException {
        return in.get() == 0 ? Optional.empty() : Optional.of(position(in));
    }

    private static void position(ByteBuffer to, Position position) {
        byte[] id = Utf8.encode(position.id());
        to.putLong(position.timestamp()).putShort((short) id.length).put(id);
    }

    private static Position position(ByteBuffer in) throws ProtocolException {
        long timestamp = in.getLong();
        return new Position(timestamp, utf8(in, in.getShort() & 0xffff, Data.MAX_ID_BYTES));
    }

    private static void hash(ByteBuffer to, Hash128 hash) {
        to.putLong(hash.hi()).putLong(hash.lo());
    }

    private static Hash128 hash(ByteBuffer in) {
        return new Hash128(in.getLong(), in.getLong());
    }

    static void node(ByteBuffer to, NodeId node) {
        to.putLong(node.hi()).putLong(node.lo());
    }

    static NodeId node(ByteBuffer in) {
        return new NodeId(in.getLong(), in.getLong());
    }

    static void address(ByteBuffer to, Address address) {
        text(to, address.host());
        to.putShort((short) address.port());
    }

    static Address address(ByteBuffer in) throws ProtocolException {
        return new Address(text(in), in.getShort() & 0xffff);
    }

    /** Writes a text; one that is too long is cut, since only reasons can be. */
    static void text(ByteBuffer to, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = bytes.length;
        if (length > Message.MAX_TEXT_BYTES) {
            length = Message.MAX_TEXT_BYTES;
            while ((bytes[length] & 0xc0) == 0x80) {
                length--;
            }
        }
        to.put((byte) length).put(bytes, 0, length);
    }

    static String text(ByteBuffer in) throws ProtocolException {
        return utf8(in, in.get() & 0xff, Message.MAX_TEXT_BYTES);
    }

    private static String utf8(ByteBuffer in, int length, int limit) throws ProtocolException {
        if (length > limit || length > in.remaining()) {
            throw new ProtocolException("text of " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        if (Utf8.firstInvalid(bytes, 0, length) >= 0) {
            throw new ProtocolException("text is not UTF-8");
        }
        return Utf8.decode(bytes);
    }

    /**
     * The head of a record's first frame.
     *
     * @param asked whether this node asked for the record
     * @param meshHash the origin's mesh, see {@link Message.Push}
     * @param timestamp the record's timestamp
     * @param length bytes of the record's body, in this frame and those that follow
     */
    record PushHead(boolean asked, boolean confirm, long meshHash, long timestamp, int length) {

        static PushHead read(ByteBuffer in) throws ProtocolException {
            if (in.remaining() < PUSH_HEAD_BYTES + Long.BYTES) {
                throw new ProtocolException("broken frame of type " + PUSH);
            }
            byte flags = in.get();
            long meshHash = in.getLong();
            int wireLength = in.getInt();
            if (wireLength < Long.BYTES || wireLength > Data.MAX_WIRE_BYTES) {
                throw new ProtocolException("record of " + wireLength + " bytes");
            }
            return new PushHead((flags & FLAG_ASKED) != 0, (flags & FLAG_CONFIRM) != 0, meshHash,
                    in.getLong(), wireLength - Long.BYTES);
        }
    }
}
