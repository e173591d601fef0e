package io.parallaxfleet.operators.fit;

import io.parallaxfleet.schemas.avro.CostModelEstimate;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The newest cost models of a family's classes, of {@value #MAX_CLASSES} at most. Not thread-safe. */
public final class FamilyModels {
    static final int MAX_CLASSES = 64;

    // In the order of last use, oldest first.
    final Map<String, CostModelEstimate> byClass = new LinkedHashMap<>(16, 0.75f, true);

    /** Notes a model that a class found by itself. */
    public void note(String deviceClass, CostModelEstimate own) {
        byClass.put(deviceClass, own);
        if (byClass.size() > MAX_CLASSES) {
            Iterator<String> oldest = byClass.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    /** A model for a class that has too little for one of its own; empty where the family does not know enough either. */
    public Optional<CostModelEstimate> complete(ClassFamily family, String deviceClass, SparseFit own) {
        List<CostModelEstimate> others = byClass.entrySet().stream().filter(other -> !other.getKey().equals(deviceClass))
                .map(Map.Entry::getValue).toList();
        return FamilyPrior.of(family.name(), others).map(prior -> prior.complete(own));
    }
}
