package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// near is how many lines a finding may be away from a fault that it is about: some tools point
// at the object around it.
const near = 3

// mark ends the line of a fault in a document.
const mark = " # fault:"

// subject is a document with faults.
type subject struct {
	name, root string // the root is an absolute path
	faults     []place
}

type place struct {
	file string
	line int
}

// load returns the documents of a folder, and the large one, which it writes.
func load(dir, scratch string) ([]subject, error) {
	var list []subject
	for _, name := range []string{"fastapi", "springdoc", "nswag", "split"} {
		s, err := read(name, filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	large := filepath.Join(scratch, "large")
	if err := os.Mkdir(large, 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(large, "openapi.yaml"), []byte(largeDocument()), 0o644); err != nil {
		return nil, err
	}
	s, err := read("large", large)
	return append(list, s), err
}

// read finds the faults in all files of a document.
func read(name, dir string) (subject, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return subject{}, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return subject{}, err
	}
	s := subject{name: name, root: filepath.Join(dir, "openapi.yaml")}
	err = filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		for i, line := range strings.Split(string(data), "\n") {
			if strings.Contains(line, mark) {
				s.faults = append(s.faults, place{path, i + 1})
			}
		}
		return err
	})
	if err == nil && len(s.faults) == 0 {
		err = fmt.Errorf("%s has no faults", dir)
	}
	return s, err
}

// judge counts the faults that findings are near, and the errors that are near none.
func (s subject) judge(findings []found) (hits, wrong int) {
	hit := map[place]bool{}
	for _, f := range findings {
		about := false
		for _, fault := range s.faults {
			if f.file == fault.file && f.line >= fault.line-near && f.line <= fault.line+near {
				hit[fault], about = true, true
			}
		}
		if !about && f.isError {
			wrong++
		}
	}
	return len(hit), wrong
}

// paths is how many paths the large document has.
const paths = 1500

// largeDocument writes a document of 3 MB in one file, with a fault in every 300th path.
func largeDocument() string {
	var b strings.Builder
	b.WriteString("openapi: 3.0.3\ninfo:\n  title: Large\n  description: Many paths.\n  version: 1.0.0\n" +
		"servers:\n  - url: https://large.example.com\nsecurity: []\npaths:\n")
	for i := range paths {
		example := fmt.Sprintf("id: thing-%d", i)
		if i%300 == 299 {
			example = fmt.Sprintf("id: %d%s the schema says string", i, mark)
		}
		fmt.Fprintf(&b, `  /things-%[1]d/{id}:
    parameters:
      - name: id
        in: path
        description: The thing's id, as the list has it.
        required: true
        schema:
          type: string
          maxLength: 40
    get:
      operationId: getThing%[1]d
      summary: Get a thing
      description: Returns the thing with all that belongs to it, in the form that the caller may see.
      responses:
        '200':
          description: The thing.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Thing%[1]d'
              example:
                %[2]s
                state: open
        default:
          $ref: '#/components/responses/Error'
    put:
      operationId: putThing%[1]d
      summary: Change a thing
      description: Replaces what the caller may change, and leaves the rest as it is.
      requestBody:
        description: The thing.
        required: true
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/Thing%[1]d'
      responses:
        '204':
          description: Changed.
        default:
          $ref: '#/components/responses/Error'
`, i, example)
	}
	b.WriteString(`components:
  responses:
    Error:
      description: It did not work.
      content:
        application/json:
          schema:
            $ref: '#/components/schemas/Error'
  schemas:
    Error:
      description: What went wrong.
      type: object
      required: [message]
      properties:
        message:
          type: string
          description: For people.
`)
	for i := range paths {
		fmt.Fprintf(&b, `    Thing%[1]d:
      description: A thing of kind %[1]d, with its parts.
      type: object
      required: [id]
      properties:
        id:
          type: string
          description: Its id.
          maxLength: 40
        state:
          type: string
          description: What may be done with it.
          enum: [open, closed, archived]
        size:
          type: number
          description: How large it is, in metres.
          minimum: 0
          nullable: true
        parts:
          type: array
          description: What it consists of.
          maxItems: 100
          items:
            $ref: '#/components/schemas/Thing%[2]d'
        notes:
          type: object
          description: Whatever people wrote about it.
          additionalProperties:
            type: string
`, i, min(i/10*10+9, i+1)) // chains of ten, the last of which holds itself
	}
	return b.String()
}
