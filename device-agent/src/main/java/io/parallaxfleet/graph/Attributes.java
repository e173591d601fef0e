package io.parallaxfleet.graph;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The scalar and list attributes of an operator by name. Graph and tensor attributes stay in the model file. Immutable. */
public final class Attributes {
    public static final Attributes NONE = new Attributes(Map.of());

    /** One attribute value. */
    public sealed interface Value {
        record Integer(long value) implements Value {}

        record Real(float value) implements Value {}

        record Text(String value) implements Value {}

        record Integers(List<Long> values) implements Value {
            public Integers {
                values = List.copyOf(values);
            }
        }

        record Reals(List<Float> values) implements Value {
            public Reals {
                values = List.copyOf(values);
            }
        }

        /** A tensor, sub-graph or other attribute whose content is not needed for planning. */
        record Opaque() implements Value {}
    }

    private final Map<String, Value> values;

    public Attributes(Map<String, Value> values) {
        this.values = Map.copyOf(values);
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }

    public long integer(String name, long otherwise) {
        return values.get(name) instanceof Value.Integer found ? found.value() : otherwise;
    }

    public float real(String name, float otherwise) {
        return values.get(name) instanceof Value.Real found ? found.value() : otherwise;
    }

    public String text(String name, String otherwise) {
        return values.get(name) instanceof Value.Text found ? found.value() : otherwise;
    }

    public List<Long> integers(String name, List<Long> otherwise) {
        return values.get(name) instanceof Value.Integers found ? found.values() : otherwise;
    }

    public List<Float> reals(String name, List<Float> otherwise) {
        return values.get(name) instanceof Value.Reals found ? found.values() : otherwise;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Attributes that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return Objects.hash(values);
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
