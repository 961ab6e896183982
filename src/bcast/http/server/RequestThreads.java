package bcast.http.server;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Chooses the threads on which requests run. */
public final class RequestThreads {

    /** First version whose virtual threads release their carrier inside {@code synchronized}. */
    private static final int JEP_491 = 24;

    private static final long IDLE_S = 10;

    private static final boolean VIRTUAL = Runtime.version().feature() >= JEP_491;

    private RequestThreads() {}

    /**
     * Lets other requests run. Long work calls it between its parts, since a virtual thread keeps
     * its processor until it waits for something: a hundred lists that compress to almost nothing
     * would otherwise be sent before the next request is read.
     */
    public static void giveWay() {
        if (VIRTUAL) {
            Thread.yield();
        }
    }

    /** Virtual threads where they serve the JDK's server well, else a pool that grows. */
    static ExecutorService forRequests(int limit) {
        if (VIRTUAL) {
            try {
                return (ExecutorService) Executors.class
                        .getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("Java 24 or later without virtual threads", e);
            }
        }
        return pool("http-", limit);
    }

    /** Further threads, up to a limit; if all are busy, a task runs on its caller's thread. */
    public static Executor helpers(String name, int limit) {
        ThreadPoolExecutor pool = pool(name, limit);
        pool.setRejectedExecutionHandler(new ThreadPoolExecutor.CallerRunsPolicy());
        return pool;
    }

    private static ThreadPoolExecutor pool(String name, int limit) {
        AtomicInteger number = new AtomicInteger();
        return new ThreadPoolExecutor(0, limit, IDLE_S, TimeUnit.SECONDS,
                new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, name + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
    }
}
