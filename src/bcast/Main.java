package bcast;

import bcast.base.Clock;
import bcast.http.HttpModule;
import java.io.PrintStream;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The program. Exit codes: 0 after SIGTERM or SIGINT, 1 if the node cannot start or a part of it
 * failed, 2 if the command line is wrong.
 */
public final class Main {

    private Main() {}

    /**
     * Starts a node and stays until it is stopped.
     *
     * @param args flags
     * @throws InterruptedException never in practice
     */
    public static void main(String[] args) throws InterruptedException {
        int code = run(args, System.getenv(), System.out, System.err);
        if (code >= 0) {
            System.exit(code);
        }
    }

    /** Returns an exit code; or never, while a node runs. */
    static int run(String[] args, Map<String, String> environment, PrintStream out,
            PrintStream err) throws InterruptedException {
        try {
            Flags flags = Flags.parse(args, environment);
            if (flags.wishes(Flags.HELP)) {
                out.print(Flags.helpText());
                return 0;
            }
            if (flags.wishes(Flags.NEW_SECRET)) {
                out.println(Node.newSecret());
                return 0;
            }
            if (flags.wishes(Flags.VERSION)) {
                out.println("bcast " + Node.VERSION + " (Java " + Runtime.version() + ")");
                return 0;
            }
            HttpModule.loadAhead();
            return serve(Config.of(flags), err);
        } catch (UsageException e) {
            err.println("bcast: " + e.getMessage());
            return 2;
        } catch (StartException e) {
            err.println("bcast: " + e.getMessage());
            return e.exitCode;
        }
    }

    private static int serve(Config config, PrintStream err)
            throws StartException, InterruptedException {
        CountDownLatch failed = new CountDownLatch(1);
        AtomicReference<Node> node = new AtomicReference<>();
        // Before the start, so that a signal during it ends the process as one after it does.
        Thread shutdown = new Thread(() -> {
            boolean fault = failed.getCount() == 0;
            if (node.get() != null) {
                node.get().close();
            }
            // A JVM ended by a signal would report 128 + its number.
            Runtime.getRuntime().halt(fault ? 1 : 0);
        }, "shutdown");
        Runtime.getRuntime().addShutdownHook(shutdown);
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> {
            err.println("bcast: thread " + thread.getName() + " failed: " + e);
            if (thread.getName().equals(HttpModule.DISPATCHER)) {
                // Without it no client is heard any more.
                failed.countDown();
            }
        });
        try {
            node.set(Node.start(config, Clock.system(), err::println,
                    (thread, e) -> failed.countDown()));
        } catch (StartException e) {
            Runtime.getRuntime().removeShutdownHook(shutdown);
            throw e;
        }
        failed.await();
        return 1;
    }
}
