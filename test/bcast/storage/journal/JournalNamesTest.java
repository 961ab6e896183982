package bcast.storage.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.base.Log;
import bcast.base.StartException;
import bcast.testing.News;
import java.io.File;
import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What becomes of the names of the journal's files, on file systems good and bad. */
final class JournalNamesTest extends JournalRuns {

    private final List<Path> synced = new ArrayList<>();

    /** A disk that fails to make names safe, or does not. */
    private JournalFile.Disk names(Optional<IOException> failure) {
        return new JournalFile.Disk() {
            @Override
            public void sync(FileDescriptor file) throws IOException {
                file.sync();
            }

            @Override
            public void syncNames(Path names) throws IOException {
                synced.add(names);
                if (failure.isPresent()) {
                    throw failure.get();
                }
            }
        };
    }

    @Test
    void newDirectoriesAreAsSafeAsTheirFiles() throws Exception {
        disk = names(Optional.empty());
        Path given = dir;
        dir = given.resolve("a").resolve("b");
        Run run = new Run(Journal.Sync.ALWAYS);
        assertEquals(List.of(given, given.resolve("a"), dir), synced);
        run.post(News.data("id", "raw", NOW));
        assertEquals(List.of(given, given.resolve("a"), dir, dir), synced);
    }

    @Test
    void aFileSystemThatCannotSyncDirectoriesIsSaidOnceAndUsed() throws Exception {
        for (IOException each : List.of(new IOException("Invalid argument"),
                new IOException("Operation not supported"),
                new AccessDeniedException(dir.toString()))) {
            log.clear();
            disk = names(Optional.of(each));
            Run run = new Run(Journal.Sync.ALWAYS);
            run.post(News.data("id " + each.getMessage(), "raw", NOW));
            run.end();
            assertEquals(1, said("cannot sync the directory", "WARN"));
        }
    }

    /** Syncs a directory of a file system that really cannot, whatever the process's language. */
    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "syncs /proc, which only Linux has")
    void anyLanguageOfTheSystemWillDo() throws Exception {
        ProcessBuilder run = new ProcessBuilder(System.getProperty("java.home") + "/bin/java",
                "-cp", "build/classes" + File.pathSeparator + "build/test-classes",
                Languages.class.getName(), dir.toString()).redirectErrorStream(true);
        run.environment().putAll(Map.of("LC_ALL", "C.UTF-8", "LANGUAGE", "de"));
        Process process = run.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        Assumptions.assumeFalse(said.contains("Invalid argument"),
                "no German messages on this system");
        assertTrue(said.contains("cannot sync the directory, so a power failure may lose"),
                said);
        assertTrue(said.contains("the interrupt is kept"), said);
        assertTrue(said.contains("EIO is an error"), said);
        assertTrue(said.contains("EOPNOTSUPP is none"), said);
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "syncs /dev/null, as on Linux")
    void anInterruptedThreadLearnsTheMessagesToo() {
        Thread.currentThread().interrupt();
        Optional<String> learned = NameSyncs.cannotSync();
        assertTrue(Thread.interrupted());
        assertTrue(learned.isPresent());
    }

    /** Runs in a process of its own, since a process has one language. */
    static final class Languages {

        private Languages() {}

        /** Posts to a journal in the given directory, on two disks. */
        public static void main(String[] args) throws IOException {
            Clock clock = Clock.system();
            Log log = new Log(Log.Level.WARN, clock, System.out::println);
            Path dir = Path.of(args[0]);
            try (JournalDir cannot = new JournalDir(dir, DAY_MS, SKEW_MS, clock, log,
                    onDisk(Path.of("/proc")))) {
                // The messages are learned at the first failure, which an interrupt may precede.
                Thread.currentThread().interrupt();
                cannot.create(1).close();
                cannot.create(2).close();
            }
            if (Thread.interrupted()) {
                System.out.println("the interrupt is kept");
            }
            if (NameSyncs.unsupported(
                    new IOException("Die Operation wird nicht unterst\u00fctzt"))) {
                System.out.println("EOPNOTSUPP is none");
            }
            // Reading the memory of a process at 0, where none is, is EIO.
            try (JournalDir fails = new JournalDir(dir, DAY_MS, SKEW_MS, clock, log,
                    onDisk(Path.of("/proc/self/mem")))) {
                fails.create(3).close();
            } catch (IOException e) {
                System.out.println("EIO is an error: " + e.getMessage());
            }
        }

        private static JournalFile.Disk onDisk(Path path) {
            return new JournalFile.Disk() {
                @Override
                public void sync(FileDescriptor file) throws IOException {
                    file.sync();
                }

                @Override
                public void syncNames(Path names) throws IOException {
                    if (Files.isDirectory(path)) {
                        JournalFile.Disk.super.syncNames(path);
                        return;
                    }
                    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                        channel.read(ByteBuffer.allocate(1), 0);
                    }
                }
            };
        }
    }

    @Test
    void aDiskThatFailsIsStillAnError() throws Exception {
        disk = names(Optional.of(new IOException("Input/output error")));
        Run run = new Run(Journal.Sync.ALWAYS);
        run.storage.merge(News.data("id", "raw", NOW));
        assertEquals(Optional.of("cannot write to " + dir + ": Input/output error"),
                run.journal.await(run.storage.lastArrival()));
        run.end();
        dir = dir.resolve("new");
        assertThrows(StartException.class, () -> new Run(Journal.Sync.ALWAYS));
    }
}
