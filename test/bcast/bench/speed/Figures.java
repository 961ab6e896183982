package bcast.bench.speed;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** All figures of a run, printed as they come. */
final class Figures {

    /** What programs read of the last run. */
    static final Path JSON = Path.of("build", "reports", "bench.json");

    private final long startNs = System.nanoTime();
    private final List<Figure> all = new ArrayList<>();
    private final Map<String, String> warmUps = new LinkedHashMap<>();
    private String jdk = "";
    private String part = "";

    /** Says what the figures that follow belong to, and what is done before they are taken. */
    void begin(String newJdk, String newPart, String warmUp) {
        jdk = newJdk;
        part = newPart;
        warmUps.put(part, warmUp);
        System.out.println(jdk + " " + part + ", warm-up: " + warmUp);
    }

    /** Adds pairs of what a node and the floor did; the target is about their ratio. */
    Figure ratio(String name, String unit, double[] ours, double[] floor, Figure.Target target) {
        double[] ratios = new double[ours.length];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = ours[i] / floor[i];
        }
        return add(new Figure(jdk, part, name, unit, ours, floor, ratios, target));
    }

    /** Adds what a node did; the target is about that. */
    Figure value(String name, String unit, Figure.Target target, double... ours) {
        return add(new Figure(jdk, part, name, unit, ours, new double[0], ours, target));
    }

    private Figure add(Figure figure) {
        all.add(figure);
        System.out.println(figure);
        return figure;
    }

    /** Whether each target is met by its median. */
    boolean met() {
        return all.stream().allMatch(figure -> figure.target().metBy(figure.median()));
    }

    /** Writes what there is so far. */
    void write(String machine) throws IOException {
        Files.createDirectories(JSON.getParent());
        Files.writeString(JSON, String.format(Locale.ROOT, "{\"seconds\": %.0f, "
                + "\"machine\": \"%s\", \"warm_up\": {\n%s\n}, \"figures\": [\n%s\n]}\n",
                (System.nanoTime() - startNs) / 1e9, machine,
                warmUps.entrySet().stream().map(each -> "\"" + each.getKey() + "\": \""
                        + each.getValue() + "\"").collect(Collectors.joining(",\n")),
                all.stream().map(Figure::json).collect(Collectors.joining(",\n"))),
                StandardCharsets.UTF_8);
    }
}
