package bcast.cluster.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.cluster.net.secret.Transport;
import bcast.testing.News;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** What the peer takes, and what it leaves. */
final class OutgoingFlushTest {

    /** A socket that takes a number of bytes, and no more until that is raised. */
    private static final class Socket implements Transport {
        private int room;

        @Override
        public boolean write(ByteBuffer from) {
            int taken = Math.min(room, from.remaining());
            from.position(from.position() + taken);
            room -= taken;
            return !from.hasRemaining();
        }

        @Override
        public boolean read(ByteBuffer to) {
            return false;
        }
    }

    private final Socket socket = new Socket();
    private final Outgoing output = new Outgoing(socket, 0);

    private void add(long nowMs) {
        output.add(new SpreadMessage.Push(News.data("id", "r".repeat(100), 1), 0, false), nowMs);
    }

    @Test
    void aPeerThatTakesNothingIsStalledAfterTheLimitAndNotBefore() throws IOException {
        assertFalse(output.stalled(Outgoing.STALLED_MS), "nothing waits");
        add(1_000);
        output.flush(1_000);
        add(2_000);
        assertFalse(output.stalled(1_000 + Outgoing.STALLED_MS - 1));
        assertTrue(output.stalled(1_000 + Outgoing.STALLED_MS));
        socket.room = 1;
        output.flush(3_000);
        assertFalse(output.stalled(3_000 + Outgoing.STALLED_MS - 1));
        assertTrue(output.stalled(3_000 + Outgoing.STALLED_MS));
        socket.room = 10_000;
        output.flush(4_000);
        assertTrue(output.isEmpty());
        assertFalse(output.stalled(4_000 + Outgoing.STALLED_MS));
    }

    @Test
    void isDrainedWhenTheLimitOrLessWaitsAndReportsThatOnce() throws IOException {
        while (output.waitingBytes() <= Outgoing.DRAINED_BYTES) {
            add(0);
        }
        output.notifyWhenDrained();
        output.flush(0);
        assertFalse(output.takeDrained());
        socket.room = output.waitingBytes() - Outgoing.DRAINED_BYTES;
        output.flush(0);
        assertEquals(Outgoing.DRAINED_BYTES, output.waitingBytes());
        assertTrue(output.takeDrained());
        assertFalse(output.takeDrained(), "reported already");
    }
}
