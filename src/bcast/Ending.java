package bcast;

import bcast.base.LineWriter;
import bcast.base.Log;
import bcast.http.HttpModule;
import java.util.concurrent.CountDownLatch;

/**
 * How the process ends, and with which code: 0 by a signal, 1 by a fault of any thread. Whatever
 * has failed, and whether or not anybody reads the log, it does end.
 */
final class Ending {

    /** Longest wait for the last lines of the log, in milliseconds. */
    static final long FLUSH_MS = 500;

    private static final String NO_MEMORY = "bcast: thread %s failed: out of memory; give Java "
            + "more by -Xmx, or lower -maxbytes\n";
    private static final int MAX_NAME_CHARS = 64;

    private final Runtime runtime = Runtime.getRuntime();
    private final LineWriter lines;
    private final CountDownLatch failed = new CountDownLatch(1);
    /** Name of a thread that failed for lack of memory; null if none did. */
    private volatile String withoutMemory;
    /** Null until the start has succeeded. */
    private volatile Node node;
    private final Thread shutdown = new Thread(this::close, "shutdown");
    /** Made ahead, since there is no memory to make it when it is needed. */
    private final byte[] message = new byte[NO_MEMORY.length() + MAX_NAME_CHARS];

    Ending(LineWriter lines) {
        this.lines = lines;
    }

    /** From now on signals and faults end the process. */
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
        }
    }

    /** The node to close in the end. */
    void closes(Node started) {
        node = started;
    }

    /** Ends the process because a thread of the node failed, which is logged already. */
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
            try {
                reportNoMemory(thread);
            } finally {
                // To stop in order takes memory.
                runtime.halt(1);
            }
        }
    }

    private void close() {
        int code = 1;
        try {
            if (node != null) {
                node.close();
            }
            code = failed.getCount() == 0 ? 1 : 0;
            lines.flush(FLUSH_MS);
        } catch (OutOfMemoryError e) {
            reportNoMemory("shutdown");
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

    /** Reports that a thread lacks memory. Allocates none itself. */
    private void reportNoMemory(String thread) {
        int name = NO_MEMORY.indexOf('%');
        int length = append(NO_MEMORY, 0, name, 0);
        length = append(thread, 0, Math.min(thread.length(), MAX_NAME_CHARS), length);
        length = append(NO_MEMORY, name + 2, NO_MEMORY.length(), length);
        lines.urgent(message, length, FLUSH_MS);
    }

    private int append(String text, int from, int to, int at) {
        for (int i = from; i < to; i++) {
            message[at + i - from] = (byte) text.charAt(i);
        }
        return at + to - from;
    }
}
