package bcast.bench.speed;

import bcast.testing.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A run as its JSON tells it.
 *
 * @param seconds how long it took
 * @param machine what it ran on
 * @param figures all that was measured
 */
record Results(double seconds, String machine, List<Figure> figures) {

    /**
     * The same figure on all JDKs that have it.
     *
     * @param part what it belongs to
     * @param name what it is
     * @param unit of its median: of a ratio none
     * @param byJdk the figure by version of the JDK
     */
    record Row(String part, String name, String unit, Map<String, Figure> byJdk) {}

    static Results read(Path json) throws IOException {
        return parse(Files.readString(json));
    }

    static Results parse(String json) {
        Map<?, ?> run = (Map<?, ?>) Json.parse(json);
        List<Figure> figures = new ArrayList<>();
        for (Object figure : (List<?>) run.get("figures")) {
            figures.add(Figure.from((Map<?, ?>) figure));
        }
        return new Results((double) run.get("seconds"), (String) run.get("machine"), figures);
    }

    List<String> jdks() {
        return figures.stream().map(Figure::jdk).distinct().toList();
    }

    List<Row> rows() {
        Map<List<String>, Row> rows = new LinkedHashMap<>();
        for (Figure figure : figures) {
            String unit = figure.isRatio() ? "ratio" : figure.unit();
            List<String> key = List.of(figure.part(), figure.name(), unit);
            rows.computeIfAbsent(key, k -> new Row(figure.part(), figure.name(), unit,
                    new LinkedHashMap<>())).byJdk().put(figure.jdk(), figure);
        }
        return List.copyOf(rows.values());
    }
}
