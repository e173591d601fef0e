package io.parallaxfleet.operators.rollout.staged;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The newest part of every task that knows devices of a class. Together they are its census; where all tasks tell of the same look,
 * they are that look. Not thread-safe.
 */
public final class LookBoard {
    /** A whole look. */
    public record Look(GroupLook members, GroupLook control) {}

    private final Map<Integer, LookPart> parts = new TreeMap<>();

    /** Takes the place of the task's earlier part. */
    public void add(LookPart part) {
        // With another parallelism every device may have moved to another task.
        parts.values().removeIf(other -> other.subtasks() != part.subtasks());
        parts.put(part.subtask(), part);
    }

    /** Whether any device was ever counted. */
    public boolean counted() {
        return parts.values().stream().anyMatch(part -> part.devices() > 0);
    }

    public int devices() {
        return parts.values().stream().mapToInt(LookPart::devices).sum();
    }

    /** Devices that have a past to be compared with. */
    public int withPast() {
        return parts.values().stream().mapToInt(part -> part.members().withPast() + part.control().withPast()).sum();
    }

    /** The look at what runs under the epoch, once all tasks have told of it. */
    public Optional<Look> whole(long lookMillis, long epoch) {
        List<LookPart> told = parts.values().stream()
                .filter(part -> part.lookMillis() == lookMillis && part.epoch() == epoch)
                .toList();
        if (told.isEmpty() || told.size() < told.get(0).subtasks()) {
            return Optional.empty();
        }
        GroupLook members = GroupLook.NONE;
        GroupLook control = GroupLook.NONE;
        for (LookPart part : told) {
            members = members.and(part.members());
            control = control.and(part.control());
        }
        return Optional.of(new Look(members, control));
    }

    public Collection<LookPart> parts() {
        return List.copyOf(parts.values());
    }
}
