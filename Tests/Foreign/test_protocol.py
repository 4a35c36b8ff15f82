"""The adapter protocol against its JSON Schema, by an engine that is not ours."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

import jsonschema

ROOT, CISPEC = sys.argv[1], sys.argv[2]


def load(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return json.load(file)


def messages(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def validator(*names):
    schema = load("Adapters", "protocol.schema.json")
    return jsonschema.Draft202012Validator(
        {"$schema": schema["$schema"], "$defs": schema["$defs"], "anyOf": [{"$ref": f"#/$defs/{name}"} for name in names]})


class Protocol(unittest.TestCase):
    def test_the_schema_is_one(self):
        jsonschema.Draft202012Validator.check_schema(load("Adapters", "protocol.schema.json"))

    def test_the_table_of_answers_says_what_the_schema_says(self):
        rows = load("Tests", "Adapters", "answers.json")["answers"]
        self.assertGreater(len(rows), 60)
        for row in rows:
            names = [row["command"] + "Answer"]
            if row["command"] != "hello":
                names += ["skippedAnswer", "errorAnswer"]
            with self.subTest(row=row):
                self.assertEqual(validator(*names).is_valid(row["answer"]), row["valid"])

    def test_all_that_the_kit_writes_on_both_sides_fits(self):
        with tempfile.TemporaryDirectory() as folder:
            requests, answers = os.path.join(folder, "requests"), os.path.join(folder, "answers")
            # One shell command, so that the conversation can be read along.
            command = f"tee -a '{requests}' | '{CISPEC}' adapter | tee -a '{answers}'"
            done = subprocess.run(
                [CISPEC, "vectors", "--jobs", "1", "--strict-protocol", "--adapter", command], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr)
            commands = {}
            request_schema = validator("request")
            for message in messages(requests):
                request_schema.validate(message)
                commands[message["id"]] = message["command"]
            answer_schema = validator("answer")
            count = 0
            for message in messages(answers):
                answer_schema.validate(message)
                count += 1
            self.assertEqual(set(commands.values()), {"hello", "sign", "presign", "verify", "derive"})
            self.assertGreater(count, 700)

    def test_calls_and_their_answers_fit(self):
        with tempfile.TemporaryDirectory() as folder:
            requests, answers = os.path.join(folder, "requests"), os.path.join(folder, "answers")
            run = os.path.join(ROOT, "Adapters", "python-stdlib", "run")
            command = f"tee -a '{requests}' | '{run}' | tee -a '{answers}'"
            done = subprocess.run(
                [CISPEC, "client", "--strict-protocol", "--adapter", command], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr)
            for path, schema in ((requests, validator("request")), (answers, validator("helloAnswer", "callAnswer"))):
                seen = messages(path)
                self.assertGreater(len(seen), 600)
                for message in seen:
                    schema.validate(message)


if __name__ == "__main__":
    outcome = unittest.main(argv=sys.argv[:1], exit=False).result
    failed = len(outcome.failures) + len(outcome.errors)
    print(f"protocol: {outcome.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
