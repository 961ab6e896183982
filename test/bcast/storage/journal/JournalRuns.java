package bcast.storage.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.Log;
import bcast.base.StartException;
import bcast.data.Data;
import bcast.storage.MapStorage;
import bcast.storage.Storage;
import bcast.testing.Await;
import bcast.testing.SeededRandom;
import bcast.testing.Stores;
import bcast.testing.TestClock;
import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Starts a store and its journal again and again on one directory. */
abstract class JournalRuns {

    static final long DAY_MS = 24 * 3_600_000L;
    static final long SKEW_MS = 300_000;
    static final long NOW = 1_700_000_000_000L;
    private static final long SEED = 20_261_123;

    @TempDir
    Path dir;

    final TestClock clock = TestClock.standing(NOW);
    final List<String> log = new CopyOnWriteArrayList<>();
    final Counters counters = new Counters();
    final SecureRandom random = new SeededRandom(SEED);
    private final List<Run> runs = new ArrayList<>();
    /** What the next runs take for valid. */
    Function<Data, Optional<Data>> judge = Optional::of;
    /** What the next runs write to. */
    JournalFile.Disk disk = FileDescriptor::sync;

    /** A store and its journal, from one start to the next. */
    final class Run {
        final MapStorage storage;
        final Journal journal;

        /** One that follows the store. */
        Run(Journal.Sync sync) throws StartException {
            this(sync, "not started");
            journal.load(judge);
            journal.start();
        }

        /** One that only has the directory. */
        Run(Journal.Sync sync, String why) throws StartException {
            Context context = new Context(clock, random,
                    new Log(Log.Level.DEBUG, clock, log::add), counters,
                    (thread, e) -> log.add("fault " + e));
            storage = Stores.map(DAY_MS, SKEW_MS, 1 << 28, context);
            journal = new Journal(dir, sync, storage, SKEW_MS, context, disk);
            runs.add(this);
        }

        void post(Data data) throws Exception {
            assertTrue(storage.merge(data) instanceof Storage.Change.Added);
            assertEquals(Optional.empty(), journal.await(storage.lastArrival()));
        }

        /** Time goes by; what the thread was at just then does not count as a disk that hangs. */
        void pass(long ms) throws Exception {
            clock.advance(ms);
            Await.until("it gets on", 10, () -> journal.problem().isEmpty());
        }

        void end() {
            journal.close();
            runs.remove(this);
        }
    }

    @AfterEach
    void endRuns() {
        List.copyOf(runs).forEach(Run::end);
        assertTrue(log.stream().noneMatch(line -> line.startsWith("fault")), log::toString);
    }

    List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(dir)) {
            return all.filter(path -> path.toString().endsWith(".journal")).sorted().toList();
        }
    }

    long bytesOfFiles() throws IOException {
        long sum = 0;
        for (Path each : files()) {
            sum += Files.size(each);
        }
        return sum;
    }

    Path onlyFile() throws IOException {
        List<Path> files = files();
        assertEquals(1, files.size());
        return files.get(0);
    }

    boolean said(String text) {
        return log.stream().anyMatch(line -> line.contains(text));
    }

    long said(String text, String level) {
        return log.stream().filter(line -> line.contains(text) && line.contains(level)).count();
    }
}
