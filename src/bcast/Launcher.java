package bcast;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.Descriptors;
import bcast.base.FileFault;
import bcast.base.LineWriter;
import bcast.base.Log;
import bcast.base.StartException;
import bcast.cluster.ClusterSettings;
import bcast.cluster.Secrets;
import bcast.http.HttpModule;
import java.io.IOException;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;

/**
 * Runs a node as a process: reads the command line, has the node made by its {@link Wiring},
 * starts it, and stops it at SIGTERM or SIGINT; at SIGHUP its files are read again. Log lines go to
 * standard error.
 *
 * <p>Exit codes: 0 after SIGTERM or SIGINT, 1 if the node cannot start or one of its threads
 * failed, 2 if the command line is wrong. Whatever prevents a start is one line on standard error.
 */
public final class Launcher {

    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;

    private Launcher() {}

    /**
     * Runs a node until it is stopped, then ends the process.
     *
     * @param args flags, see {@code -help}; environment variables stand in for those not given
     * @param wiring makes the node, on this thread
     * @throws InterruptedException if this thread is interrupted
     */
    public static void main(String[] args, Wiring wiring) throws InterruptedException {
        System.exit(run(args, System.getenv(), System.out, System.err, wiring));
    }

    /** Returns an exit code; while a node runs it does not return. */
    static int run(String[] args, Map<String, String> environment, PrintStream out,
            PrintStream err, Wiring wiring) throws InterruptedException {
        try {
            Flags flags = Flags.parse(args, environment);
            if (flags.requests(Flags.HELP)) {
                out.print(Help.text(flags.topic()));
                return 0;
            }
            if (flags.requests(Flags.NEW_SECRET)) {
                out.println(Secrets.newLine(new SecureRandom()));
                return 0;
            }
            if (flags.requests(Flags.VERSION)) {
                out.println("bcast " + Node.VERSION + " (Java " + Runtime.version() + ")");
                return 0;
            }
            return serve(ConfigReader.config(flags), Flags.unknownVariables(environment), err,
                    wiring);
        } catch (UsageException e) {
            err.println("bcast: " + e.getMessage());
            return WRONG_USAGE;
        }
    }

    private static int serve(Config config, List<String> unknownVariables, PrintStream err,
            Wiring wiring) throws InterruptedException {
        Clock clock = Clock.system();
        Counters counters = new Counters();
        LineWriter lines = new LineWriter(err, clock, counters);
        Ending ending = new Ending(lines);
        lines.start();
        ending.begin();
        Log log = new Log(config.logLevel(), clock, lines);
        Hangup hangup = new Hangup();
        hangup.begin(log);
        // No error: others may use such names, as Kubernetes does for a service called bcast.
        unknownVariables.forEach(name -> log.warn(
                "the environment variable " + name + " belongs to no flag and is ignored; see "
                + "-help"));
        Context context = new Context(clock, new SecureRandom(), log, counters,
                (thread, e) -> {
                    log.error("thread " + thread + " failed: " + Log.withOrigin(e));
                    ending.failed(thread, e);
                });
        int code = FAILED;
        try {
            checkOpenFiles(log);
            Node node = wiring.node(config, context);
            node.start();
            ending.closes(node);
            hangup.runs(node::readFilesAgain);
            ending.awaitFault();
            return FAILED;
        } catch (StartException e) {
            lines.accept("bcast: " + e.getMessage());
            code = e instanceof UsageException ? WRONG_USAGE : FAILED;
        } catch (OutOfMemoryError e) {
            lines.accept("bcast: cannot start: out of memory (" + e.getMessage()
                    + "); give Java more by -Xmx, or lower -maxbytes");
        } catch (IOException e) {
            lines.accept("bcast: cannot start: " + FileFault.why(e));
        } catch (RuntimeException | Error e) {
            lines.accept("bcast: cannot start: " + Log.withOrigin(e));
        }
        ending.startFailed();
        lines.flush(Ending.FLUSH_MS);
        return code;
    }

    private static void checkOpenFiles(Log log) throws StartException {
        Descriptors found = Descriptors.ofProcess();
        long wanted = Descriptors.wanted(HttpModule.MAX_CONNECTIONS, ClusterSettings.MAX_SOCKETS);
        long limit = found.limit();
        if (limit < Descriptors.MIN_LIMIT) {
            throw new StartException("only " + limit + " open files are allowed, and a node needs "
                    + Descriptors.MIN_LIMIT + " at least; " + Descriptors.advice(wanted));
        }
        if (limit < wanted) {
            log.warn("only " + limit + " open files are allowed, enough for "
                    + found.clients(HttpModule.MAX_CONNECTIONS) + " connections of clients and "
                    + found.links(ClusterSettings.MAX_SOCKETS) + " links; "
                    + Descriptors.advice(wanted));
        }
    }
}
