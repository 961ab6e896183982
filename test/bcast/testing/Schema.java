package bcast.testing;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Checks values against the part of JSON Schema that our OpenAPI document uses. */
public final class Schema {

    private final Map<?, ?> document;

    public Schema(Map<?, ?> document) {
        this.document = document;
    }

    /** Throws if a value is not as a schema says. */
    public void check(Object schema, Object value, String where) {
        Map<?, ?> rules = resolve((Map<?, ?>) schema);
        if (rules.containsKey("oneOf")) {
            long fit = ((List<?>) rules.get("oneOf")).stream()
                    .filter(one -> fits(one, value)).count();
            require(fit == 1, where + " fits " + fit + " of oneOf");
            return;
        }
        if (rules.containsKey("const")) {
            require(rules.get("const").equals(value), where + " is " + value);
        }
        if (rules.containsKey("enum")) {
            require(((List<?>) rules.get("enum")).contains(value), where + " is " + value);
        }
        if (rules.containsKey("pattern")) {
            require(((String) value).matches((String) rules.get("pattern")), where + " " + value);
        }
        checkType(rules, value, where);
        if (value instanceof Map<?, ?> object) {
            checkMembers(rules, object, where);
        }
        if (value instanceof List<?> items) {
            for (Object item : items) {
                check(rules.get("items"), item, where + "[]");
            }
        }
    }

    private boolean fits(Object schema, Object value) {
        try {
            check(schema, value, "");
            return true;
        } catch (AssertionError no) {
            return false;
        }
    }

    private Map<?, ?> resolve(Map<?, ?> schema) {
        String ref = (String) schema.get("$ref");
        if (ref == null) {
            return schema;
        }
        Object target = document;
        for (String step : ref.substring(2).split("/")) {
            target = ((Map<?, ?>) target).get(step);
        }
        return (Map<?, ?>) target;
    }

    private static void checkType(Map<?, ?> rules, Object value, String where) {
        Object types = rules.get("type");
        if (types != null) {
            List<?> allowed = types instanceof List<?> several ? several : List.of(types);
            String type = value == null ? "null" : value instanceof String ? "string"
                    : value instanceof Boolean ? "boolean" : value instanceof List ? "array"
                    : value instanceof Map ? "object"
                    : (double) value == Math.rint((double) value) ? "integer" : "number";
            require(allowed.contains(type), where + " is of type " + type + ", not " + types);
        }
    }

    private void checkMembers(Map<?, ?> rules, Map<?, ?> object, String where) {
        Map<?, ?> properties = (Map<?, ?>) rules.get("properties");
        if (properties == null) {
            return;
        }
        List<?> required = rules.get("required") instanceof List<?> names ? names : List.of();
        require(object.keySet().containsAll(required), where + " lacks some of " + required);
        // What the document does not name would be news to its readers.
        TreeSet<Object> unknown = new TreeSet<>(object.keySet());
        unknown.removeAll(properties.keySet());
        require(unknown.isEmpty(), where + " has " + unknown);
        object.forEach((name, member) -> check(properties.get(name), member, where + "." + name));
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
