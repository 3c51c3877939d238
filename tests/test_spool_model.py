"""The spool as a model: whatever fails and whenever power is cut, what was answered is read once and in order."""

import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ingest.segments import SegmentReader, finished, framed, segments, size_of
from ingest.spool import Spool, SpoolUnavailable
from tests.simulated_disk import SimulatedDisk

FIELDS = ("site", "at")
CALLS = ("create", "lock", "write", "sync", "truncate", "close", "remove", "sync directory")
ROOM = 1 << 20
EXAMPLES = 400
SMALL = 300  # Bytes of a segment, so that there are several.


class SpoolModel(RuleBasedStateMachine):
    """Collectors that are killed one after another, and one loader whose memory survives everything."""

    def __init__(self) -> None:
        super().__init__()
        self.temporary = tempfile.TemporaryDirectory()
        self.directory = Path(self.temporary.name) / "spool"
        self.disk = SimulatedDisk(self.directory)
        self.number = 0
        self.answered: list[bytes] = []
        self.refused: set[bytes] = set()  # And cut off again: their senders may send them once more.
        self.loaded: list[bytes] = []
        self.offsets: dict[str, int] = {}

    @initialize()
    def start(self) -> None:
        self.spool = Spool(self.directory, FIELDS, ROOM, self.disk)
        self.spool.segment_bytes = SMALL

    @rule(sizes=st.lists(st.integers(0, 60), min_size=1, max_size=4))
    def append(self, sizes: list[int]) -> None:
        """One group of hits, which are answered together or not at all."""
        payloads = [b"%d %b" % (self.number + index, b"x" * size) for index, size in enumerate(sizes)]
        self.number += len(sizes)
        cut_off = "truncate" not in self.disk.failing
        try:
            self.spool.write(b"".join(map(framed, payloads)))
        except SpoolUnavailable:
            self.refused |= {*payloads} if cut_off else set()
        else:
            self.answered += payloads

    @rule(calls=st.lists(st.sampled_from(CALLS), min_size=1, max_size=4), partly=st.integers(0, 200))
    def let_fail(self, calls: list[str], partly: int) -> None:
        self.disk.failing = calls
        self.disk.partly = partly

    @rule()
    def heal(self) -> None:
        self.disk.failing = []

    @rule()
    def look_after_the_segment(self) -> None:
        self.spool.look()

    @rule()
    def kill(self) -> None:
        self.disk.end_process()
        self.disk.failing = []
        self.start()

    @rule(data=st.data())
    def cut_power(self, data: st.DataObject) -> None:
        self.refused.clear()  # That they were cut off may not be on disk.
        self.disk.cut_power(lambda what: data.draw(st.booleans(), label=what))
        self.disk.failing = []
        self.start()

    @rule(budget=st.sampled_from((64, 1 << 16)))
    def load(self, budget: int) -> None:
        """Do what the loader does: read up to an end that it wrote down, remember it, drop what is loaded."""
        for path in segments(self.directory):
            start = self.offsets.get(path.name, 0)
            whole = finished(path)
            end = SegmentReader(path, FIELDS).end(start, budget, whole=whole)
            waits = size_of(path) - start
            self.take(path, start, end)
            budget -= max(0, waits)
            if budget <= 0:  # What is left of this segment goes before the next one.
                break
        self.drop()

    def take(self, path: Path, start: int, end: int) -> None:
        reader = SegmentReader(path, FIELDS)
        for frame in reader.frames(start, end - start, whole=True):
            if frame.end > end:
                break
            self.loaded += [frame.payload] if frame.payload else []
        if end > start:
            self.offsets[path.name] = end

    def drop(self) -> None:
        for path in segments(self.directory):
            if finished(path) and self.offsets.get(path.name, 0) >= size_of(path) > 0:
                self.disk.failing = []
                self.disk.remove(path)
        left = {path.name for path in segments(self.directory)}
        if gone := self.offsets.keys() - left:
            self.disk.sync_directory(self.directory)
            for name in gone:
                del self.offsets[name]

    @invariant()
    def nothing_is_read_twice_or_in_spite(self) -> None:
        assert [payload for payload, times in Counter(self.loaded).items() if times > 1] == []
        assert self.refused.isdisjoint(self.loaded)

    def teardown(self) -> None:
        try:
            self.compare()
        finally:
            self.disk.end_process()
            self.temporary.cleanup()

    def compare(self) -> None:
        """Stop in good order and load what is there: then nothing that was answered is missing."""
        self.disk.failing = []
        self.spool.close()
        while self.waiting():
            self.load(1 << 16)
        answered = set(self.answered)
        assert [payload for payload in self.loaded if payload in answered] == self.answered
        self.nothing_is_read_twice_or_in_spite()

    def waiting(self) -> bool:
        return any(size_of(path) > self.offsets.get(path.name, 0) for path in segments(self.directory))


def test_what_was_answered_is_read_once_and_in_order() -> None:
    run_state_machine_as_test(
        SpoolModel,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=30, deadline=None, suppress_health_check=[*HealthCheck]
        ),
    )
