package bcast.testing;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.Log;
import java.security.SecureRandom;
import java.util.function.Consumer;

/** What the modules of a test are given. */
public final class Contexts {

    private static final SecureRandom RANDOM = new SecureRandom();

    private Contexts() {}

    /** Logs nothing; a thread that fails prints its stack. */
    public static Context quiet(Clock clock) {
        return new Context(clock, RANDOM, new Log(Log.Level.ERROR, clock, line -> { }),
                new Counters(), (thread, e) -> {
                    throw new AssertionError("thread " + thread + " failed", e);
                });
    }

    /** Logs errors alone, threads that fail among them. */
    public static Context errors(Clock clock, Consumer<String> lines) {
        // What must be known at any level is none.
        return logging(clock, Log.Level.ERROR, line -> {
            if (!line.contains(" INFO ")) {
                lines.accept(line);
            }
        });
    }

    /** Logs up to a level, and threads that fail at any. */
    public static Context logging(Clock clock, Log.Level level, Consumer<String> lines) {
        return new Context(clock, RANDOM, new Log(level, clock, lines), new Counters(),
                (thread, e) -> lines.accept("thread " + thread + " failed: " + e));
    }
}
