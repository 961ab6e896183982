package bcast;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.Lazy;
import bcast.base.LineWriter;
import bcast.base.Log;
import bcast.cluster.net.Secret;
import bcast.http.HttpModule;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;

/**
 * The program. Exit codes: 0 after SIGTERM or SIGINT, 1 if the node cannot start or a part of it
 * failed, 2 if the command line is wrong.
 */
public final class Main {

    private static final int FAILED = 1;

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
                out.println(Secret.newLine(new SecureRandom()));
                return 0;
            }
            if (flags.wishes(Flags.VERSION)) {
                out.println("bcast " + Node.VERSION + " (Java " + Runtime.version() + ")");
                return 0;
            }
            HttpModule.loadAhead();
            return serve(Config.of(flags), Flags.unknownVariables(environment), err);
        } catch (UsageException e) {
            err.println("bcast: " + e.getMessage());
            return 2;
        }
    }

    private static int serve(Config config, List<String> unknownVariables, PrintStream err)
            throws InterruptedException {
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
        int code = FAILED;
        try {
            Node node = Node.start(config, new Context(clock,
                    new Lazy<>(SecureRandom::new), log, counters, ending::failed));
            ending.closes(node);
            hangup.runs(node::readFilesAgain);
            ending.awaitFault();
            return FAILED;
        } catch (StartException e) {
            lines.accept("bcast: " + e.getMessage());
            code = e.exitCode;
        } catch (OutOfMemoryError e) {
            lines.accept("bcast: cannot start: out of memory (" + e.getMessage()
                    + "); give Java more by -Xmx, or lower -maxbytes");
        } catch (RuntimeException | Error e) {
            lines.accept("bcast: cannot start: " + e + " at " + origin(e));
        }
        ending.startFailed();
        lines.flush(Ending.FLUSH_MS);
        return code;
    }

    /** Where an exception is from. */
    private static String origin(Throwable e) {
        Throwable first = e;
        while (first.getCause() != null) {
            first = first.getCause();
        }
        return first.getStackTrace().length > 0 ? "" + first.getStackTrace()[0] : "unknown";
    }
}
