package bcast.cluster.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Codec;
import bcast.cluster.gossip.link.LinkCodec;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.overlay.OverlayCodec;
import bcast.cluster.gossip.overlay.OverlayMessage;
import bcast.cluster.gossip.repair.RepairCodec;
import bcast.cluster.gossip.repair.RepairMessage;
import bcast.cluster.gossip.spread.SpreadCodec;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.cluster.net.secret.ProtocolException;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.storage.Digest;
import bcast.storage.Position;
import bcast.storage.Sketch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class WireTest {

    private static final NodeId NODE = new NodeId(0x0123456789abcdefL, -2);
    private static final LinkMessage.Hello HELLO = new LinkMessage.Hello(1, 1, "bcast", NODE,
            new Address("", 4711), 65_535, new Address("fe80::1", 1), 1_700_000_000_000L,
            86_400_000, "md5", LinkRole.NEIGHBOUR);

    private static List<Message> all() {
        Position position = new Position(1_700_000_000_000L, "id\u00e9");
        Hash128 key = new Hash128(6, 7);
        Sketch.Cell cell = new Sketch.Cell(key, 8, -9);
        OverlayMessage.Peer peer = new OverlayMessage.Peer(NODE, new Address("h".repeat(253), 9),
                65_535);
        return List.of(HELLO, new LinkMessage.Refuse("no"), new LinkMessage.Bye("stopped", false),
                new LinkMessage.Bye("enough", true), new LinkMessage.Twin(-2),
                new LinkMessage.Heartbeat(1, -1, 3, 4, 5, true, false, true, false, 300, 1 << 30),
                new LinkMessage.Heartbeat(1, -1, 3, 4, 5, false, true, false, true, 0, 0),
                new OverlayMessage.Peers(List.of(peer, peer)),
                new OverlayMessage.ForwardJoin(peer, 6),
                new OverlayMessage.Shuffle(1, 6, List.of(peer)),
                new OverlayMessage.Shuffled(-1, List.of()),
                new OverlayMessage.Adopt(),
                new SpreadMessage.Beacon(NODE, 1L << 40, SpreadMessage.MAX_HOPS),
                new SpreadMessage.IHave(List.of(key, key)), new SpreadMessage.Held(List.of(key)),
                 new SpreadMessage.Graft(List.of(key)),
                new SpreadMessage.Gone(List.of(key)),
                new RepairMessage.Offer(List.of(key)), new RepairMessage.Want(List.of(0, 65_535)),
                new SpreadMessage.Push(Data.of("id", "raw", "s", 9), 77, true),
                new RepairMessage.Compare(1 << 30, 1, 2, cell), new RepairMessage.Same(),
                new RepairMessage.AskCells(1, 2, 3, 4, 5),
                new RepairMessage.Cells(7, List.of(cell, cell)),
                new RepairMessage.Summary(1, 2, List.of(new Digest(3, 4, new Hash128(5, 6)))),
                new RepairMessage.Differ(List.of(1L, 2L)), new RepairMessage.AskHashes(position, 8),
                new RepairMessage.Hashes(List.of(key, key), Optional.of(position)),
                new RepairMessage.Hashes(List.of(), Optional.empty()),
                new RepairMessage.AskRecords(List.of(key)),
                new RepairMessage.AskAll(Position.START),
                new RepairMessage.Answered(3, Optional.empty()), new RepairMessage.Given(),
                new RepairMessage.Taken(),
                new RepairMessage.Done(1 << 30));
    }

    private static byte[] bytes(List<Message> messages) {
        Outgoing outgoing = new Outgoing(RawLink.NOWHERE, 0);
        messages.forEach(message -> outgoing.add(message, 0));
        ByteBuffer bytes = ByteBuffer.allocate(32 << 20);
        ByteBuffer piece = ByteBuffer.allocate(Wire.MAX_FRAME_BYTES + Wire.HEADER_BYTES);
        while (!outgoing.isEmpty()) {
            outgoing.fill(piece.clear());
            bytes.put(piece.flip());
        }
        byte[] all = new byte[bytes.flip().remaining()];
        bytes.get(all);
        return all;
    }

    /** Feeds bytes in pieces of a size. */
    private static List<Message> messages(byte[] bytes, int size) throws ProtocolException {
        Incoming incoming = new Incoming();
        List<Message> messages = new ArrayList<>();
        for (int at = 0; at < bytes.length; ) {
            int length = Math.min(Math.min(size, bytes.length - at),
                    incoming.buffer().remaining());
            incoming.buffer().put(bytes, at, length);
            messages.addAll(incoming.drain());
            at += length;
        }
        return messages;
    }

    @Test
    void everyMessageTravelsWholeInPiecesOfAnySize() throws Exception {
        for (Message message : all()) {
            // A greeting comes first on every link.
            byte[] both = bytes(List.of(HELLO));
            byte[] one = bytes(List.of(message));
            byte[] joined = java.util.Arrays.copyOf(both, both.length + one.length);
            System.arraycopy(one, 0, joined, both.length, one.length);
            for (int size : new int[] {1, 2, 5, 7, 64, 10_000}) {
                assertEquals(List.of(HELLO, message), messages(joined, size));
            }
            assertTrue(one.length <= Wire.size(message), () -> "size of " + message);
        }
    }

    private static Set<Class<?>> typesIn(Class<?> family) {
        Set<Class<?>> types = new HashSet<>();
        for (Class<?> each : family.getPermittedSubclasses()) {
            types.addAll(each.isRecord() ? Set.of(each) : typesIn(each));
        }
        return types;
    }

    @Test
    void everyTypeOfEveryFamilyHasARowAndIsTested() {
        Set<Class<?>> types = new HashSet<>();
        for (Class<?> family : List.of(LinkMessage.class, OverlayMessage.class,
                SpreadMessage.class, RepairMessage.class)) {
            types.addAll(typesIn(family));
        }
        assertEquals(types, all().stream().map(Object::getClass).collect(Collectors.toSet()));
        // A record has frames of its own instead of a row.
        types.remove(SpreadMessage.Push.class);
        assertEquals(types, Stream.of(LinkCodec.ROWS, OverlayCodec.ROWS, SpreadCodec.ROWS,
                RepairCodec.ROWS).flatMap(List::stream).map(Codec::message)
                .collect(Collectors.toSet()));
    }

    @Test
    void goldenFramesOfVersion1() {
        assertEquals("000000430142435354000100010562636173740123456789abcdeffffffffffffffffe"
                + "001267ffff07666538303a3a310001"
                + "0000018bcfe568000000000005265c00036d643501",
                HexFormat.of().formatHex(bytes(List.of(HELLO))));
        assertEquals("00000034060100000000000000070000002600000000000000096964222c22726177",
                HexFormat.of().formatHex(bytes(List.of(new SpreadMessage.Push(
                        Data.of("id", "raw", "s", 9), 7, true)))).substring(0, 68));
        assertEquals("00000009220123456789abcdef", HexFormat.of().formatHex(
                bytes(List.of(new LinkMessage.Twin(0x0123456789abcdefL)))));
        assertEquals("0000000114", HexFormat.of()
                .formatHex(bytes(List.of(new RepairMessage.Taken()))));
    }

    @Test
    void recordsOfAllSizesTravel() throws Exception {
        for (int size : new int[] {1, 65_400, 65_472, 65_473, 65_474, 65_475, 65_500, 65_535,
            65_536, 131_000, Data.MAX_RAW_BYTES}) {
            Message push = new SpreadMessage.Push(Data.of("id", "x".repeat(size), "s", 9), 1,
                    false);
            Message taken = new RepairMessage.Taken();
            // Control overtakes, so it comes first although it was queued last.
            assertEquals(List.of(HELLO, taken, push), messages(bytes(List.of(HELLO, push, taken)),
                    50_000), "raw of " + size);
        }
    }

    @Test
    void theLargestMessagesFitOneFrame() {
        Hash128 key = new Hash128(6, 7);
        Position longest = new Position(1, "x".repeat(Data.MAX_ID_BYTES));
        Message keys = new RepairMessage.Hashes(Collections.nCopies(Message.MAX_HASHES, key),
                Optional.of(longest));
        Message cells = new RepairMessage.Cells(1, Collections.nCopies(RepairMessage.MAX_CELLS,
                new Sketch.Cell(key, 8, -9)));
        Message digests = new RepairMessage.Summary(1, 2,
                Collections.nCopies(RepairMessage.MAX_DIGESTS,
                new Digest(1, 2, new Hash128(3, 4))));
        Message peers = new OverlayMessage.Peers(Collections.nCopies(OverlayMessage.MAX_PEERS,
                new OverlayMessage.Peer(NODE, new Address("h".repeat(253), 1), 0)));
        for (Message message : List.of(keys, cells, digests, peers)) {
            assertTrue(bytes(List.of(message)).length <= Wire.MAX_FRAME_BYTES + 4);
        }
    }

    private static void assertBroken(String why, String hex) {
        byte[] frame = HexFormat.of().parseHex(hex);
        ProtocolException e = assertThrows(ProtocolException.class, () -> {
            byte[] hello = bytes(List.of(HELLO));
            byte[] joined = java.util.Arrays.copyOf(hello, hello.length + frame.length);
            System.arraycopy(frame, 0, joined, hello.length, frame.length);
            messages(joined, 60_000);
        });
        assertTrue(e.getMessage().contains(why), e.getMessage());
    }

    @Test
    void brokenFramesAreNamed() {
        assertBroken("frame of 0 bytes", "00000000ff");
        assertBroken("frame of 65537 bytes", "0001000106");
        assertBroken("frame of 4294967295 bytes", "ffffffff06");
        assertBroken("broken frame of type 4", "0000000204ff");
        assertBroken("broken frame of type 6", "0000000206ff");
        assertBroken("list of 65", "00000003050041");
        assertBroken("list of 2001", "000000031007d1");
        assertBroken("text is not UTF-8", "000000030201ff");
        assertBroken("text of 9 bytes", "00000003020961");
        assertBroken("part of no record", "000000020700");
        assertBroken("record of 7 bytes", push(7, ""));
        assertBroken("record of 2147483647 bytes", push(Integer.MAX_VALUE, ""));
        assertBroken("record of " + (Data.MAX_WIRE_BYTES + 1), push(Data.MAX_WIRE_BYTES + 1, ""));
        assertBroken("record longer than announced", push(9, "6161"));
        assertBroken("record lacks a field", push(9, "61"));
        assertBroken("record inside a record", push(20, "61") + push(20, "61"));
    }

    /** The first frame of a record that says a length. */
    private static String push(int length, String body) {
        return String.format("%08x06%02x%016x%08x%016x%s", 22 + body.length() / 2, 0, 0, length,
                0, body);
    }

    @Test
    void aStrangerCannotMakeUsHoldMuch() {
        byte[] large = {0, 0, (byte) (Incoming.MAX_GREETING_BYTES + 1 >> 8),
            (byte) (Incoming.MAX_GREETING_BYTES + 1), 1};
        assertThrows(ProtocolException.class, () -> messages(large, 5));
        for (Message early : all()) {
            if (!(early instanceof LinkMessage.Hello || early instanceof LinkMessage.Refuse)) {
                assertThrows(ProtocolException.class,
                        () -> messages(bytes(List.of(early)), 1_000), () -> "" + early);
            }
        }
        assertThrows(ProtocolException.class,
                () -> messages("GET / HTTP/1.1\r\n\r\n".getBytes(
                        java.nio.charset.StandardCharsets.US_ASCII), 100));
    }

    @Test
    void unknownTypesAreSkipped() throws Exception {
        byte[] hello = bytes(List.of(HELLO));
        byte[] joined = java.util.Arrays.copyOf(hello, hello.length + 12);
        System.arraycopy(new byte[] {0, 0, 0, 3, 99, 1, 2, 0, 0, 0, 1, 20}, 0, joined,
                hello.length, 12);
        assertEquals(List.of(HELLO, new RepairMessage.Taken()), messages(joined, 1_000));
    }

    @Test
    void randomBytesNeverEscapeAsAnythingElse() {
        Random random = new Random(11);
        byte[] good = bytes(all());
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = good.clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            }
            try {
                messages(bad, 1 + random.nextInt(2_000));
            } catch (ProtocolException expected) {
                assertTrue(expected.getMessage().length() > 0);
            }
        }
    }
}
