package bcast.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import bcast.testing.Await;
import bcast.testing.TestClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LineWriterTest {

    private static final int FOR_EVER = 1_000_000;

    /** A pipe that is read when the test says so. */
    private static final class Pipe extends OutputStream {
        private final Semaphore mayWrite = new Semaphore(0);
        private final ByteArrayOutputStream read = new ByteArrayOutputStream();

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            mayWrite.acquireUninterruptibly();
            synchronized (read) {
                read.write(bytes, from, length);
            }
        }

        List<String> lines() {
            synchronized (read) {
                return read.toString(StandardCharsets.UTF_8).lines().toList();
            }
        }
    }

    private final Pipe pipe = new Pipe();
    private final Counters counters = new Counters();
    private final LineWriter writer = new LineWriter(
            new PrintStream(pipe, false, StandardCharsets.UTF_8), TestClock.standing(0), counters);

    @AfterEach
    void letTheThreadEnd() {
        pipe.mayWrite.release(FOR_EVER);
    }

    private static String dropped(int lines) {
        return "1970-01-01T00:00:00.000Z WARN  " + lines + " log lines were dropped because "
                + "those before them were not read in time";
    }

    @Test
    void linesAreWrittenInOrder() throws Exception {
        pipe.mayWrite.release(FOR_EVER);
        writer.start();
        for (int i = 0; i < 1_000; i++) {
            writer.accept("line " + i);
        }
        Await.until("all are written", 5, () -> pipe.lines().size() == 1_000);
        for (int i = 0; i < 1_000; i++) {
            assertEquals("line " + i, pipe.lines().get(i));
        }
        assertEquals(0, counters.get(LineWriter.DROPPED));
    }

    @Test
    void linesBeyondTheLimitAreDroppedAndTheirNumberIsWritten() throws Exception {
        for (int i = 0; i < LineWriter.MAX_LINES; i++) {
            writer.accept("" + i);
        }
        assertEquals(0, counters.get(LineWriter.DROPPED));
        writer.accept("one more");
        writer.accept("and another");
        assertEquals(2, counters.get(LineWriter.DROPPED));
        pipe.mayWrite.release(FOR_EVER);
        writer.start();
        Await.until("all are written", 5, () -> pipe.lines().size() == LineWriter.MAX_LINES + 1);
        assertEquals(dropped(2), pipe.lines().get(LineWriter.MAX_LINES));
        writer.accept("later");
        Await.until("lines are taken again", 5, () -> pipe.lines().contains("later"));
    }

    @Test
    void aLineBeyondTheLimitDoesNotSilenceThoseAfterIt() throws Exception {
        pipe.mayWrite.release(FOR_EVER);
        writer.start();
        writer.accept("first");
        Await.until("it is written", 5, () -> pipe.lines().size() == 1);
        writer.accept("x".repeat(LineWriter.MAX_BYTES));
        Await.until("the loss is written", 5, () -> pipe.lines().contains(dropped(1)));
        writer.accept("later");
        Await.until("lines are taken again", 5, () -> pipe.lines().contains("later"));
    }

    @Test
    void bytesBeyondTheLimitAreDropped() {
        String half = "x".repeat(LineWriter.MAX_BYTES / 4);
        writer.accept(half);
        writer.accept(half);
        assertEquals(0, counters.get(LineWriter.DROPPED));
        writer.accept("y");
        assertEquals(1, counters.get(LineWriter.DROPPED));
    }

    @Test
    void nothingWaitsForAReaderThatStalls() throws Exception {
        writer.start();
        long beganNs = System.nanoTime();
        for (int i = 0; i < 2 * LineWriter.MAX_LINES; i++) {
            writer.accept("line " + i);
        }
        LineWriter real = new LineWriter(new PrintStream(pipe), Clock.system(), counters);
        real.start();
        real.accept("stuck");
        real.flush(50);
        real.urgent(new byte[] {'x'}, 1, 50);
        assertFalse(System.nanoTime() - beganNs > 5e9, "it took seconds");
        assertEquals(List.of(), pipe.lines());
    }

    @Test
    void anUrgentMessageIsWritten() throws Exception {
        pipe.mayWrite.release(FOR_EVER);
        LineWriter real = new LineWriter(new PrintStream(pipe), Clock.system(), counters);
        real.start();
        real.urgent("last words\n and more".getBytes(StandardCharsets.UTF_8), 11, 5_000);
        assertEquals(List.of("last words"), pipe.lines());
    }
}
