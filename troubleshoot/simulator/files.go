package simulator

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"time"
)

// File is an uploaded file; its content is not kept.
type File struct {
	ID        string
	AccountID string
	Name      string
	Size      int64 // bytes
	MIMEType  string
	ExpiresAt time.Time
}

// maxFile is the documented limit, in bytes.
const maxFile = 10 << 20

const fileLife = 30 * 24 * time.Hour

// upload is the form of upload-file.
type upload struct {
	purpose, accountID string
	name, mimeType     string
	size               int64
	hasFile            bool
}

// readUpload reads the multipart form. The file is to be its last part, because
// what stands behind it comes too late for the documented API.
func (rq *request) readUpload() []fieldFailure {
	kind, params, err := mime.ParseMediaType(rq.http.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" || rq.http.Body == nil {
		return bodyFault("The Content-Type field must be multipart/form-data with a boundary")
	}
	form := multipart.NewReader(rq.http.Body, params["boundary"])
	for !rq.upload.hasFile {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return bodyFault("The form could not be read")
		}
		if !rq.upload.readPart(part) {
			return bodyFault("The form could not be read")
		}
	}
	return rq.upload.check()
}

// readPart takes in one part and reports whether it was whole.
func (u *upload) readPart(part *multipart.Part) bool {
	const maxField = 1 << 10
	switch part.FormName() {
	case "file":
		u.hasFile, u.name, u.mimeType = true, part.FileName(), part.Header.Get("Content-Type")
		var err error
		u.size, err = io.Copy(io.Discard, part)
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			u.size, err = maxBody, nil
		}
		return err == nil && len(u.name) <= maxField && len(u.mimeType) <= maxField
	case "purpose":
		return readField(part, maxField, &u.purpose)
	case "accountId":
		return readField(part, maxField, &u.accountID)
	}
	var ignored string
	return readField(part, maxJSON, &ignored)
}

func readField(part io.Reader, most int64, into *string) bool {
	text, err := io.ReadAll(io.LimitReader(part, most+1))
	*into = string(text)
	return err == nil && int64(len(text)) <= most
}

func (u *upload) check() []fieldFailure {
	var list []fieldFailure
	if u.purpose != "kyc-doc-upload" {
		list = append(list, fieldFailure{"Must be kyc-doc-upload", "purpose"})
	}
	if u.accountID == "" {
		list = append(list, fieldFailure{"Required, in front of the file", "accountId"})
	}
	if !u.hasFile {
		list = append(list, fieldFailure{"Required", "file"})
	}
	return list
}

type fileView struct {
	ID        string `json:"id"`
	Purpose   string `json:"purpose"`
	Liveness  string `json:"liveness"`
	AccountID string `json:"accountId"`
	FileName  string `json:"fileName"`
	FileSize  int64  `json:"fileSize"`
	MIMEType  string `json:"mimeType"`
	Status    string `json:"status"`
	ExpiresAt string `json:"expiresAt"`
}

func (f *File) view() fileView {
	return fileView{f.ID, "kyc-doc-upload", liveness, f.AccountID, f.Name, f.Size, f.MIMEType, "created", f.ExpiresAt.Format(time.DateOnly)}
}

func (st *store) uploadFile(rq *request) *reply {
	u := rq.upload
	kind, _, err := mime.ParseMediaType(u.mimeType)
	switch {
	case u.size > maxFile:
		return refused("FILE_TOO_LARGE", "the file is larger than 10 MB")
	case err != nil || kind != "application/pdf" && kind != "image/jpeg" && kind != "image/png":
		return refused("FILE_TYPE_INVALID", "the simulator accepts application/pdf, image/jpeg and image/png")
	}
	f := &File{
		ID: st.chance.id(), AccountID: u.accountID, Name: u.name, Size: u.size, MIMEType: kind, ExpiresAt: rq.now.Add(fileLife),
	}
	if !st.files.add(f.ID, f) {
		return full("files")
	}
	return ok(f.view())
}

func (st *store) getFileUpload(rq *request) *reply {
	f := st.files.get(rq.path("fileUploadId"))
	if f == nil {
		return forbidden()
	}
	if refusal := st.reachID(rq, f.AccountID); refusal != nil {
		return refusal
	}
	return ok(f.view())
}
