package io.parallaxfleet.quickstart.rollout;

import io.parallaxfleet.schemas.avro.RolloutAction;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.rollouts.FleetCommands;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the topics say of the rollouts of every class. Immutable. */
public final class RolloutBook {
    private final SortedMap<String, ClassRollouts> classes = new TreeMap<>();
    private final Optional<RolloutCommand> freeze;

    /**
     * @param events in the topic's order
     * @param updates in any order, older ones that compaction has not dropped yet among them
     * @param commands in the topic's order
     */
    public RolloutBook(List<RolloutEvent> events, List<ThresholdUpdate> updates, List<RolloutCommand> commands) {
        SortedSet<String> names = new TreeSet<>();
        events.forEach(event -> names.add(event.getDeviceClass()));
        updates.forEach(update -> names.add(update.getDeviceClass()));
        for (String name : names) {
            List<RolloutEvent> ofClass = events.stream().filter(event -> event.getDeviceClass().equals(name)).toList();
            List<ThresholdUpdate> published = updates.stream().filter(update -> update.getDeviceClass().equals(name)).toList();
            boolean simulated = ofClass.isEmpty() ? published.get(0).getSimulated() : ofClass.get(0).getSimulated();
            classes.put(name, new ClassRollouts(name, simulated, ofClass, newest(published, false), newest(published, true),
                    commands.stream().filter(command -> FleetCommands.isForFleet(command) || command.getDeviceClass().equals(name))
                            .toList()));
        }
        freeze = commands.stream().filter(FleetCommands::isForFleet).reduce((earlier, later) -> later)
                .filter(command -> command.getAction() == RolloutAction.FREEZE);
    }

    /** The person's command that froze the whole fleet; empty where none did, or one let it go on. */
    public Optional<RolloutCommand> freeze() {
        return freeze;
    }

    /** By class name. */
    public List<ClassRollouts> classes() {
        return List.copyOf(classes.values());
    }

    public Optional<ClassRollouts> of(String deviceClass) {
        return Optional.ofNullable(classes.get(deviceClass));
    }

    public SortedSet<String> names() {
        return new TreeSet<>(classes.keySet());
    }

    private static Optional<ThresholdUpdate> newest(List<ThresholdUpdate> updates, boolean candidate) {
        return updates.stream()
                .filter(update -> ClassRollouts.isCandidate(update) == candidate)
                .max((a, b) -> Long.compare(a.getEpoch(), b.getEpoch()));
    }
}
