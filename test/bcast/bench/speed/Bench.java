package bcast.bench.speed;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Measures nodes and, next to them, floors that do the same with nothing behind. Each server is a
 * process of its own; so is what loads it.
 *
 * <p>{@code Bench "PARTS" JDK...}; without names all parts are run.
 */
final class Bench {

    private static final Map<String, Part> PARTS = new LinkedHashMap<>();

    static {
        PARTS.put("posts", new SinglePosts());
        PARTS.put("batches", new Batches());
        PARTS.put("lists", new Lists());
        PARTS.put("spreading", new Spreading());
        PARTS.put("repair", new Repair());
        PARTS.put("order", new Order());
        PARTS.put("announced", new Announced());
        PARTS.put("memory", new Memory());
        PARTS.put("start", new Start());
        PARTS.put("growth", new Growth());
    }

    private Bench() {}

    public static void main(String[] args) throws Exception {
        Set<String> names = args[0].isBlank() ? PARTS.keySet()
                : new LinkedHashSet<>(Arrays.asList(args[0].trim().split(" +")));
        List<Jdk> jdks = new ArrayList<>();
        try {
            for (int i = 1; i < args.length; i++) {
                jdks.add(Jdk.at(Path.of(args[i])));
            }
            check(names);
            if (Jdk.JVM_OPTIONS.matches(".*[\"\\\\].*")) {
                throw new IOException("no quotes or backslashes in JVM: " + Jdk.JVM_OPTIONS);
            }
        } catch (IOException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
        Figures figures = new Figures();
        for (Jdk jdk : jdks) {
            for (String name : PARTS.keySet()) {
                if (names.contains(name)) {
                    Part part = PARTS.get(name);
                    figures.begin(jdk.version(), name, part.warmUp());
                    part.run(jdk, figures);
                    // Now already: should a later part fail, this one was not for nothing.
                    figures.write(machine());
                }
            }
        }
        Publish.report();
        System.exit(figures.met() ? 0 : 1);
    }

    private static void check(Set<String> names) throws IOException {
        for (String name : names) {
            if (!PARTS.containsKey(name)) {
                throw new IOException("no part " + name + "; there are " + PARTS.keySet());
            }
            PARTS.get(name).check();
        }
    }

    private static String machine() {
        return Runtime.getRuntime().availableProcessors() + " cores, "
                + System.getProperty("os.name") + " " + System.getProperty("os.arch")
                + (Jdk.JVM_OPTIONS.isEmpty() ? "" : ", servers but those of the start with "
                + Jdk.JVM_OPTIONS);
    }
}
