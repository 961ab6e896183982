package bcast.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/** A small disk of its own, on Linux and as root; else the test is skipped. */
public final class SmallDisk implements AutoCloseable {

    private final Path dir;
    private final Path filler;

    /** Mounts it over an empty directory. */
    public SmallDisk(Path dir, String size) throws IOException {
        this.dir = dir;
        this.filler = dir.resolve("filler");
        assumeTrue(System.getProperty("os.name").equals("Linux"), "needs Linux");
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", dir.toString()) == 0,
                "needs root");
    }

    private static int run(String... command) throws IOException {
        return new ProcessBuilder(command).start().onExit().join().exitValue();
    }

    /** Takes room, so many bytes in all, or gives it back. */
    public void fill(int bytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(filler.toFile(), "rw")) {
            long filled = file.length();
            file.setLength(Math.min(bytes, filled));
            file.seek(file.length());
            file.write(new byte[Math.max(0, (int) (bytes - filled))]);
        }
    }

    @Override
    public void close() throws IOException {
        assertEquals(0, run("umount", "-l", dir.toString()));
    }
}
