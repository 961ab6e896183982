package bcast.fuzz;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Counts what an object holds: the entries of all its collections and of those below, by field. */
final class Sizes {

    private final Map<String, Integer> sizes = new TreeMap<>();
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    private Sizes() {}

    /** Names of fields and how many entries they have, those of one name summed up. */
    static Map<String, Integer> of(Object root, Set<String> packages) {
        Sizes sizes = new Sizes();
        try {
            sizes.walk(root, packages);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
        return sizes.sizes;
    }

    private void walk(Object object, Set<String> packages) throws IllegalAccessException {
        if (!packages.contains(object.getClass().getPackageName()) || !seen.add(object)) {
            return;
        }
        for (Field field : object.getClass().getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) || field.getType().isPrimitive()) {
                continue;
            }
            field.setAccessible(true);
            Object value = field.get(object);
            if (value instanceof Map<?, ?> map) {
                value = map.values();
            }
            if (value instanceof Collection<?> collection) {
                String name = object.getClass().getSimpleName() + "." + field.getName();
                sizes.merge(name, collection.size(), Integer::sum);
                for (Object each : collection) {
                    walk(each, packages);
                }
            } else if (value != null) {
                walk(value, packages);
            }
        }
    }
}
