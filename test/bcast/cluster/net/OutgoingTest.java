package bcast.cluster.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.repair.RepairMessage;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.cluster.net.secret.ProtocolException;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.testing.News;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What waits on a link, and what memory it is said to take. */
final class OutgoingTest {

    private static final SpreadMessage.Push SMALL = push("small", 100);
    /** Goes in three frames. */
    private static final SpreadMessage.Push LARGE = push("large", 2 * Wire.MAX_FRAME_BYTES);
    private static final Message CONTROL = new RepairMessage.Same();
    private static final Message ANSWER =
            new RepairMessage.Hashes(List.of(new Hash128(1, 2)), Optional.empty());

    private final Outgoing outgoing = new Outgoing(RawLink.NOWHERE, 0);
    private final ByteBuffer frame =
            ByteBuffer.allocate(Wire.MAX_FRAME_BYTES + Wire.HEADER_BYTES);
    private final Incoming incoming = new Incoming();

    /** Without a greeting nothing else is taken. */
    @BeforeEach
    void greet() throws ProtocolException {
        Address address = new Address("", 1);
        Message hello = new LinkMessage.Hello(1, 1, "bcast", new NodeId(1, 2), address, 1, address,
                1,
                1, "md5", LinkRole.NEIGHBOUR);
        outgoing.add(hello, 0);
        assertEquals(List.of(hello), sendAll());
    }

    private static SpreadMessage.Push push(String id, int rawBytes) {
        return new SpreadMessage.Push(News.data(id, "r".repeat(rawBytes), 1), 0, false);
    }

    private void assertWaiting(int bytes, int ownBytes) {
        assertEquals(bytes, outgoing.waitingBytes());
        assertEquals(ownBytes, outgoing.ownBytes());
    }

    /** Sends what fits a frame. */
    private void send() {
        outgoing.fill(frame.clear());
        frame.flip();
    }

    /** Sends all. Returns what comes at the other end. */
    private List<Message> sendAll() throws ProtocolException {
        List<Message> messages = new ArrayList<>();
        while (!outgoing.isEmpty()) {
            send();
            arrive(messages);
        }
        return messages;
    }

    private void arrive(List<Message> messages) throws ProtocolException {
        while (frame.hasRemaining()) {
            int length = Math.min(frame.remaining(), incoming.buffer().remaining());
            incoming.buffer().put(frame.slice(frame.position(), length));
            frame.position(frame.position() + length);
            messages.addAll(incoming.drain());
        }
    }

    @Test
    void recordsTakeTheirPlacesOnly() throws ProtocolException {
        assertWaiting(0, 0);
        for (int i = 1; i <= 3; i++) {
            assertEquals(Optional.empty(), outgoing.add(SMALL, 0));
            assertWaiting(i * Wire.size(SMALL), i * Outgoing.WAITING_BYTES);
        }
        outgoing.add(LARGE, 0);
        assertWaiting(3 * Wire.size(SMALL) + Wire.size(LARGE), 4 * Outgoing.WAITING_BYTES);
        assertEquals(List.of(SMALL, SMALL, SMALL, LARGE), sendAll());
        assertWaiting(0, 0);
    }

    @Test
    void allElseTakesItsBytes() throws ProtocolException {
        outgoing.add(CONTROL, 0);
        outgoing.add(ANSWER, 0);
        outgoing.add(SMALL, 0);
        int own = Wire.size(CONTROL) + Wire.size(ANSWER);
        assertWaiting(own + Wire.size(SMALL), own + Outgoing.WAITING_BYTES);
        outgoing.add(CONTROL, 0);
        assertEquals(List.of(CONTROL, CONTROL, ANSWER, SMALL), sendAll());
        assertWaiting(0, 0);
    }

    @Test
    void whatIsPartlySentNoLongerWaits() throws ProtocolException {
        outgoing.add(LARGE, 0);
        outgoing.add(SMALL, 0);
        send();
        assertWaiting(Wire.size(SMALL), Outgoing.WAITING_BYTES);
        assertFalse(outgoing.isEmpty());
        List<Message> messages = new ArrayList<>();
        arrive(messages);
        assertEquals(List.of(), messages);
        outgoing.add(CONTROL, 0);
        assertEquals(List.of(CONTROL, LARGE, SMALL), sendAll());
        assertWaiting(0, 0);
    }

    @Test
    void whatIsDroppedIsNotCountedAndNotSent() throws ProtocolException {
        assertEquals(Optional.empty(), outgoing.drop());
        outgoing.add(ANSWER, 0);
        assertEquals(Optional.empty(), outgoing.drop().orElseThrow().firstUnrequested(),
                "an answer is no record");
        assertWaiting(0, 0);
        outgoing.add(CONTROL, 0);
        outgoing.add(SMALL, 0);
        outgoing.add(ANSWER, 0);
        outgoing.add(LARGE, 0);
        assertEquals(Optional.of(SMALL.data()), outgoing.drop().orElseThrow().firstUnrequested());
        assertWaiting(Wire.size(CONTROL), Wire.size(CONTROL));
        assertEquals(Optional.empty(), outgoing.drop(), "they are gone");
        assertEquals(List.of(CONTROL), sendAll());
        assertWaiting(0, 0);
        outgoing.add(SMALL, 0);
        assertWaiting(Wire.size(SMALL), Outgoing.WAITING_BYTES);
    }

    /** A peer that has the beginning of a record could read nothing else before its end. */
    @Test
    void whatIsPartlySentIsNotDropped() throws ProtocolException {
        outgoing.add(LARGE, 0);
        outgoing.add(SMALL, 0);
        send();
        List<Message> messages = new ArrayList<>();
        arrive(messages);
        assertEquals(Optional.of(SMALL.data()), outgoing.drop().orElseThrow().firstUnrequested());
        assertFalse(outgoing.isEmpty());
        assertEquals(Optional.empty(), outgoing.drop(), "what is partly sent still comes");
        assertWaiting(0, 0);
        outgoing.add(ANSWER, 0);
        assertEquals(List.of(LARGE, ANSWER), sendAll());
        assertWaiting(0, 0);
    }

    @Test
    void recordsBeyondTheLimitAreDroppedAllAtOnce() throws ProtocolException {
        SpreadMessage.Push mebibyte = push("mebibyte", Data.MAX_RAW_BYTES);
        outgoing.add(CONTROL, 0);
        int fit = Outgoing.MAX_DATA_BYTES / Wire.size(mebibyte);
        for (int i = 1; i <= fit; i++) {
            assertEquals(Optional.empty(), outgoing.add(mebibyte, 0));
            assertWaiting(Wire.size(CONTROL) + i * Wire.size(mebibyte),
                    Wire.size(CONTROL) + i * Outgoing.WAITING_BYTES);
        }
        assertEquals(Optional.of(mebibyte.data()),
                outgoing.add(mebibyte, 0).orElseThrow().firstUnrequested());
        assertWaiting(Wire.size(CONTROL), Wire.size(CONTROL));
        assertEquals(Optional.empty(), outgoing.add(SMALL, 0));
        assertEquals(List.of(CONTROL, SMALL), sendAll());
    }

    @Test
    void controlBeyondItsLimitIsStuck() {
        Message reason = new LinkMessage.Refuse("no");
        int fit = Outgoing.MAX_CONTROL_BYTES / Wire.size(reason);
        for (int i = 0; i < fit; i++) {
            outgoing.add(reason, 0);
        }
        assertFalse(outgoing.stuck());
        outgoing.add(reason, 0);
        assertTrue(outgoing.stuck());
    }
}
