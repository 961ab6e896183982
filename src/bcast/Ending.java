package bcast;

import bcast.base.LineWriter;
import bcast.base.Log;
import bcast.http.HttpModule;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/**
 * How the process ends, and with which code: 0 by a signal, 1 by a fault of any thread. Whatever
 * has failed, and whether or not anybody reads the log, it does end.
 */
final class Ending {

    /** Longest wait for the last lines of the log, in milliseconds. */
    static final long FLUSH_MS = 500;

    private static final String NO_MEMORY_END =
            " failed: out of memory; give Java more by -Xmx, or lower -maxbytes\n";
    private static final int MAX_NAME_CHARS = 64;

    private final Runtime runtime = Runtime.getRuntime();
    private final LineWriter lines;
    private final CountDownLatch failed = new CountDownLatch(1);
    /** Name of a thread that failed for lack of memory; null if none did. */
    private volatile String withoutMemory;
    private final AtomicReference<Node> node = new AtomicReference<>();
    private final Thread shutdown = new Thread(this::close, "shutdown");
    /** Made ahead, since there is no memory to make it when it is needed. */
    private final byte[] noMemoryStart = ascii("bcast: thread ");
    private final byte[] noMemoryEnd = ascii(NO_MEMORY_END);
    private final byte[] noMemory =
            new byte[noMemoryStart.length + MAX_NAME_CHARS + noMemoryEnd.length];

    Ending(LineWriter lines) {
        this.lines = lines;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** From now on signals and faults end the process, during the start as well as after it. */
    void begin() {
        runtime.addShutdownHook(shutdown);
        Thread.setDefaultUncaughtExceptionHandler(this::uncaught);
    }

    /** The start failed, so that there is nothing to close. */
    void startFailed() {
        try {
            runtime.removeShutdownHook(shutdown);
        } catch (IllegalStateException e) {
            // A signal came first, and ends the process.
            return;
        }
    }

    /** The node to close in the end. */
    void closes(Node started) {
        node.set(started);
    }

    /** A thread of the node failed, which is logged already. */
    void failed(String thread, Throwable e) {
        if (e instanceof OutOfMemoryError) {
            withoutMemory = thread;
        }
        failed.countDown();
    }

    /** Waits until a thread fails. Does not return if it was for lack of memory. */
    void awaitFault() throws InterruptedException {
        failed.await();
        String thread = withoutMemory;
        if (thread != null) {
            endWithoutMemory(thread);
        }
    }

    private void close() {
        int code = 1;
        try {
            Node started = node.get();
            if (started != null) {
                started.close();
            }
            code = failed.getCount() == 0 ? 1 : 0;
            lines.flush(FLUSH_MS);
        } catch (OutOfMemoryError e) {
            lines.urgent(noMemory, noMemoryMessage("shutdown"), FLUSH_MS);
        } finally {
            // A JVM ended by a signal would report 128 + its number.
            runtime.halt(code);
        }
    }

    /** Virtual threads have no names; each serves a request. */
    private static String name(Thread thread) {
        return thread.getName().isEmpty() ? "request" : thread.getName();
    }

    void uncaught(Thread thread, Throwable e) {
        if (e instanceof OutOfMemoryError) {
            failed(name(thread), e);
            return;
        }
        lines.accept(Log.printable("bcast: thread " + name(thread) + " failed: " + e));
        if (e instanceof Error || thread.getName().equals(HttpModule.DISPATCHER)) {
            // Nobody knows what it left half done; and without the dispatcher no client is heard.
            failed.countDown();
        }
    }

    /**
     * Ends the process at once: to stop in order takes memory. Allocates none itself. By the
     * thread main, as a virtual one cannot wait without memory.
     */
    private void endWithoutMemory(String thread) {
        try {
            lines.urgent(noMemory, noMemoryMessage(thread), FLUSH_MS);
        } finally {
            runtime.halt(1);
        }
    }

    private int noMemoryMessage(String thread) {
        int length = noMemoryStart.length;
        System.arraycopy(noMemoryStart, 0, noMemory, 0, length);
        for (int i = 0; i < Math.min(thread.length(), MAX_NAME_CHARS); i++) {
            noMemory[length++] = (byte) thread.charAt(i);
        }
        System.arraycopy(noMemoryEnd, 0, noMemory, length, noMemoryEnd.length);
        return length + noMemoryEnd.length;
    }
}
