package bcast.http.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Counters;
import bcast.testing.TestClock;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The longest time of an answer, whatever progress its client makes. */
@Timeout(30)
final class AnswerStreamTest {

    private static final long LONGEST_MS = 20_000;
    private static final long STEP_MS = 2 * StallTimeout.LOOK_MS;

    private final TestClock clock = TestClock.standing(0);
    private final Deadlines deadlines = new Deadlines(task -> new Thread(task).start(),
            new RequestSlots(4, clock, new Counters()), clock, (thread, e) -> { });
    /** The client takes some bytes between any two looks at it. */
    private long waiting = 1_000_000;
    private final StallTimeout patience = new StallTimeout(() -> {
        clock.advance(STEP_MS);
        return OptionalLong.of(waiting--);
    }, Deadlines.PHASE_MS);

    @BeforeEach
    void start() {
        deadlines.start();
    }

    @AfterEach
    void stop() {
        deadlines.stop();
    }

    /** Writes as a request does. Returns whether the client was cut. */
    private boolean cut(OutputStream out, int writes) throws Exception {
        CompletableFuture<Boolean> cut = new CompletableFuture<>();
        deadlines.execute(() -> {
            Deadlines.Deadline deadline = deadlines.current();
            AnswerStream answer = new AnswerStream(out, deadline, patience, LONGEST_MS);
            try {
                for (int i = 0; i < writes; i++) {
                    answer.write(i);
                }
            } catch (IOException e) {
                // The body's end must not look like one, see Call.breakOff.
                assertTrue(Thread.currentThread().isInterrupted());
            } finally {
                cut.complete(deadline.wasCut());
            }
        });
        return cut.get(20, TimeUnit.SECONDS);
    }

    @Test
    void aClientThatMakesProgressIsCutInsideAWriteThatBlocks() throws Exception {
        assertTrue(cut(new OutputStream() {
            @Override
            public void write(int b) {
                throw new AssertionError("one byte");
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                clock.advance(STEP_MS);
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException();
                }
            }
        }, 1));
        long ms = clock.steadyMs();
        assertTrue(ms > LONGEST_MS && ms <= LONGEST_MS + 2 * STEP_MS, "cut after " + ms);
    }

    private OutputStream advancingBy(long ms) {
        return new OutputStream() {
            @Override
            public void write(int b) {
                clock.advance(ms);
            }
        };
    }

    @Test
    void aClientIsCutBetweenWritesAMillisecondAfterTheLimit() throws Exception {
        assertEquals(false, cut(advancingBy(LONGEST_MS), 2));
        assertEquals(true, cut(advancingBy(LONGEST_MS + 1), 2));
    }
}
