package bcast.bench.durable;

import bcast.testing.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** What all parts of the proof share: chance, folders, and what came out. */
public final class Proof {

    private static final Path FOLDER = Path.of("build", "tmp", "durable");

    private final long seed;
    private final Report report = new Report("durable");
    private final List<String> failures = new ArrayList<>();

    /** A proof all of whose chance comes from a seed. */
    public Proof(long seed) {
        this.seed = seed;
    }

    /** One thing to be shown. */
    @FunctionalInterface
    public interface Part {
        void run(Proof proof) throws Exception;
    }

    /** Runs a part; if it fails, its files stay for whoever looks into them, and others go on. */
    public void part(String name, Part part) throws IOException {
        System.out.println("\n" + name);
        try {
            part.run(this);
        } catch (Exception | AssertionError e) {
            e.printStackTrace(System.out);
            failures.add(name + ": " + e);
        }
        if (failures.isEmpty()) {
            delete(FOLDER);
        }
    }

    /** Chance for a part, the same for the same seed. */
    Random random(String name) {
        return new Random(seed ^ 31L * name.hashCode());
    }

    /** An empty folder, whose path is absolute. */
    static Path folder(String name) throws IOException {
        Path folder = FOLDER.resolve(name).toAbsolutePath();
        delete(folder);
        return Files.createDirectories(folder);
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    /** Adds a row: names and values in turn. */
    void row(Object... cells) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("what", cells[0]);
        for (int i = 1; i < cells.length; i += 2) {
            Object value = cells[i + 1];
            row.put(cells[i].toString(), value instanceof Double number
                    ? Math.round(number * 1000) / 1000.0 : value);
        }
        report.add(row);
    }

    /** Notes a failure unless something holds. */
    void require(boolean holds, String otherwise) {
        if (!holds) {
            System.out.println("FAILED: " + otherwise);
            failures.add(otherwise);
        }
    }

    /** Writes the report. Returns the exit code. */
    public int end() {
        row("verdict", "seed", seed, "failures", failures.size());
        report.write();
        failures.forEach(each -> System.out.println("FAILED: " + each));
        System.out.println(failures.isEmpty() ? "nothing that was promised is lost"
                : "files are left in " + FOLDER);
        return failures.isEmpty() ? 0 : 1;
    }
}
