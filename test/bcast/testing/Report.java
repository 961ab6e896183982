package bcast.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Figures: printed for people as they come, and in the end written as JSON for programs. */
public final class Report {

    private final String name;
    private final long startNs = System.nanoTime();
    private final List<Map<String, Object>> rows = new ArrayList<>();

    public Report(String name) {
        this.name = name;
    }

    /** Adds a row: its cells' names and values, in order. */
    public void add(Map<String, Object> row) {
        rows.add(row);
        System.out.println(row.entrySet().stream().map(cell -> cell.getKey() + " "
                + value(cell.getValue())).collect(Collectors.joining(", ")));
    }

    private static String value(Object value) {
        return value instanceof Double number ? String.format(Locale.ROOT, "%.4f", number)
                : String.valueOf(value);
    }

    private static String json(Object value) {
        return value instanceof Number || value instanceof Boolean ? value(value)
                : "\"" + value + "\"";
    }

    /** Writes {@code build/reports/NAME.json}. */
    public void write() {
        String body = rows.stream().map(row -> row.entrySet().stream()
                .map(cell -> "\"" + cell.getKey() + "\": " + json(cell.getValue()))
                .collect(Collectors.joining(", ", "  {", "}")))
                .collect(Collectors.joining(",\n"));
        double seconds = (System.nanoTime() - startNs) / 1e9;
        String text = "{\"seconds\": " + value(seconds) + ", \"java\": "
                + json(System.getProperty("java.version")) + ", \"rows\": [\n" + body + "\n]}\n";
        Path file = Path.of("build", "reports", name + ".json");
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        System.out.printf(Locale.ROOT, "%.0f s, written to %s%n", seconds, file);
    }
}
